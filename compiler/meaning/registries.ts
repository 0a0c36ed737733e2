/** Names for numbers, as a file of /etc lists them; read when the first is asked for. */
export class Registry {
  private numbers: ReadonlyMap<string, number> | undefined;

  constructor(private readonly listed: string) {}

  numberOf(name: string): number | undefined {
    return this.read().get(name);
  }

  /** The first that is listed. */
  nameOf(number: number): string | undefined {
    for (const [name, one] of this.read()) if (one === number) return name;
    return undefined;
  }

  private read(): ReadonlyMap<string, number> {
    this.numbers ??= new Map(
      [...this.listed.matchAll(/(\S+)\s+(\d+)/g)].map(([, name = '', number]) => [name, Number(number)]),
    );
    return this.numbers;
  }
}

/** /etc/protocols, of Debian and of Red Hat, whose names iptables-save prints: `ipencap` here is `ipv4` there. */
export const PROTOCOLS = new Registry(`
  ip 0 hopopt 0 icmp 1 igmp 2 ggp 3 ipencap 4 ipv4 4 st 5 tcp 6 cbt 7 egp 8 igp 9 bbn-rcc 10 nvp 11 pup 12
  argus 13 emcon 14 xnet 15 chaos 16 udp 17 mux 18 dcn 19 hmp 20 prm 21 xns-idp 22 trunk-1 23 trunk-2 24 leaf-1 25
  leaf-2 26 rdp 27 irtp 28 iso-tp4 29 netblt 30 mfe-nsp 31 merit-inp 32 dccp 33 3pc 34 idpr 35 xtp 36 ddp 37
  idpr-cmtp 38 tp++ 39 il 40 ipv6 41 sdrp 42 ipv6-route 43 ipv6-frag 44 idrp 45 rsvp 46 gre 47 dsr 48 bna 49
  esp 50 ipv6-crypt 50 ipsec-esp 50 ah 51 ipv6-auth 51 ipsec-ah 51 i-nlsp 52 swipe 53 narp 54 mobile 55 tlsp 56
  skip 57 ipv6-icmp 58 icmpv6 58 ipv6-nonxt 59 ipv6-opts 60 cftp 62 sat-expak 64 kryptolan 65 rvd 66 ippc 67
  sat-mon 69 visa 70 ipcv 71 cpnx 72 rspf 73 cphb 73 wsn 74 pvp 75 br-sat-mon 76 sun-nd 77 wb-mon 78 wb-expak 79
  iso-ip 80 vmtp 81 secure-vmtp 82 vines 83 ttp 84 nsfnet-igp 85 dgp 86 tcf 87 eigrp 88 ospf 89 ospfigp 89
  sprite-rpc 90 larp 91 mtp 92 ax.25 93 ipip 94 micp 95 scc-sp 96 etherip 97 encap 98 gmtp 100 ifmp 101 pnni 102
  pim 103 aris 104 scps 105 qnx 106 a/n 107 ipcomp 108 comp 108 snp 109 compaq-peer 110 ipx-in-ip 111 vrrp 112
  carp 112 pgm 113 l2tp 115 ddx 116 iatp 117 stp 118 srp 119 uti 120 smp 121 sm 122 ptp 123 isis 124 fire 125
  crtp 126 crdup 127 sscopmce 128 iplt 129 sps 130 pipe 131 sctp 132 fc 133 rsvp-e2e-ignore 134
  mobility-header 135 ipv6-mh 135 mh 135 udplite 136 mpls-in-ip 137 manet 138 hip 139 shim6 140 wesp 141 rohc 142
  ethernet 143
`);

/** Ports that rules written by hand call by name: /etc/services of Debian, and what that of others has more. */
export const SERVICES = new Registry(`
  tcpmux 1 echo 7 discard 9 null 9 sink 9 systat 11 users 11 daytime 13 netstat 15 qotd 17 quote 17 chargen 19
  source 19 ttytst 19 ftp-data 20 fsp 21 fspd 21 ftp 21 ssh 22 telnet 23 mail 25 smtp 25 time 37 timserver 37
  rlp 39 nameserver 42 nicname 43 whois 43 tacacs 49 domain 53 bootps 67 bootpc 68 tftp 69 gopher 70 finger 79
  http 80 www 80 kerberos 88 kerberos-sec 88 kerberos5 88 krb5 88 iso-tsap 102 tsap 102 acr-nema 104 poppassd 106
  pop2 109 pop-3 110 pop3 110 portmap 111 portmapper 111 rpcbind 111 sunrpc 111 auth 113 authentication 113
  ident 113 tap 113 nntp 119 readnews 119 untp 119 ntp 123 epmap 135 loc-srv 135 netbios-ns 137 netbios-dgm 138
  netbios-ssn 139 imap 143 imap2 143 snmp 161 snmp-trap 162 snmptrap 162 cmip-man 163 cmip-agent 164 mailq 174
  xdmcp 177 bgp 179 prospero 191 irc 194 smux 199 qmtp 209 wais 210 z39.50 210 z3950 210 ipx 213 imap3 220
  ptp-event 319 ptp-general 320 pawserv 345 zserv 346 rpc2portmap 369 codaauth2 370 clearcase 371 ldap 389
  timbuktu 407 svrloc 427 https 443 snpp 444 microsoft-ds 445 kpasswd 464 smtps 465 ssmtp 465 submissions 465
  urd 465 saft 487 isakmp 500 biff 512 comsat 512 exec 512 login 513 who 513 whod 513 cmd 514 shell 514 syslog 514
  printer 515 spooler 515 talk 517 ntalk 518 route 520 routed 520 router 520 gdomap 538 uucp 540 uucpd 540
  klogin 543 krcmd 544 kshell 544 dhcpv6-client 546 dhcpv6-server 547 afpovertcp 548 rtsp 554 nntps 563 snntp 563
  submission 587 http-rpc-epmap 593 nqs 607 asf-rmcp 623 qmqp 628 ipp 631 ldaps 636 ldp 646 tinc 655 silc 706
  kerberos-adm 749 kdc 750 kerberos-iv 750 kerberos4 750 kerberos-master 751 kerberos_master 751 passwd-server 752
  passwd_server 752 hprop 754 krb-prop 754 krb5_prop 754 krb_prop 754 moira-db 775 moira_db 775 moira-update 777
  moira_update 777 moira-ureg 779 moira_ureg 779 spamd 783 domain-s 853 supfilesrv 871 rsync 873 rndc 953
  ftps-data 989 ftps 990 telnets 992 imaps 993 pop3s 995 socks 1080 proofd 1093 rootd 1094 rmiregistry 1099
  battlenet 1119 supfiledbg 1127 skkserv 1178 openvpn 1194 predict 1210 kazaa 1214 rmtcfg 1236 xtel 1313
  xtelw 1314 lotusnote 1352 lotusnotes 1352 ms-sql-s 1433 ms-sql-m 1434 ica 1494 wins 1512 ncube-lm 1521
  ingreslock 1524 datametrics 1645 old-radius 1645 old-radacct 1646 sa-msg-port 1646 kermit 1649 groupwise 1677
  l2f 1701 l2tp 1701 pptp 1723 radius 1812 radacct 1813 radius-acct 1813 msnp 1863 ssdp 1900 cisco-sccp 2000
  nfs 2049 gnunet 2086 rtcm-sc104 2101 zephyr-srv 2102 zephyr-clt 2103 zephyr-hm 2104 gsigatekeeper 2119
  iprop 2121 gris 2135 cvspserver 2401 venus 2430 venus-se 2431 codasrv 2432 codasrv-se 2433 mon 2583
  zebrasrv 2600 zebra 2601 ripd 2602 ripngd 2603 ospfd 2604 bgpd 2605 ospf6d 2606 ospfapi 2607 isisd 2608
  dict 2628 f5-globalsite 2792 gsiftp 2811 gpsd 2947 firebird 3050 gds-db 3050 gds_db 3050 squid 3128 icp 3130
  icpv2 3130 isns 3205 iscsi-target 3260 globalcatldap 3268 msft-gc 3268 msft-gc-ssl 3269 mysql 3306
  ms-wbt-server 3389 stun 3478 turn 3478 nut 3493 teredo 3544 distcc 3632 daap 3689 subversion 3690 svn 3690
  radius-dynauth 3799 suucp 4031 sysrqd 4094 sieve 4190 f5-iquery 4353 epmd 4369 remctl 4373 ntske 4460
  ipsec-nat-t 4500 nat-t-ike 4500 fax 4557 hylafax 4559 iax 4569 mtn 4691 radmin-port 4899 lrrd 4949 munin 4949
  commplex-main 5000 commplex-link 5001 sip 5060 sip-tls 5061 aol 5190 jabber-client 5222 xmpp-client 5222
  jabber-server 5269 xmpp-server 5269 cfengine 5308 mdns 5353 postgres 5432 postgresql 5432 rplay 5555
  freeciv 5556 rptp 5556 nrpe 5666 nsca 5667 amqps 5671 amqp 5672 canna 5680 rfb 5900 vnc-server 5900 x11 6000
  x11-0 6000 x11-1 6001 x11-2 6002 x11-3 6003 x11-4 6004 x11-5 6005 x11-6 6006 x11-7 6007 x11-ssh-offset 6010
  gnutella-svc 6346 gnutella-rtr 6347 redis 6379 sge-qmaster 6444 sge_qmaster 6444 sge-execd 6445 sge_execd 6445
  mysql-proxy 6446 syslog-tls 6514 sane 6566 sane-port 6566 saned 6566 ircd 6667 babel 6696 ircs-u 6697
  afs3-fileserver 7000 bbs 7000 afs3-callback 7001 afs3-prserver 7002 afs3-vlserver 7003 afs3-kaserver 7004
  afs3-volser 7005 afs3-bos 7007 afs3-update 7008 afs3-rmtsys 7009 font-service 7100 xfs 7100 zope-ftp 8021
  http-alt 8080 webcache 8080 sunproxyadmin 8081 tproxy 8081 us-cli 8082 omniorb 8088 puppet 8140
  pcsync-https 8443 clc-build-daemon 8990 xinetd 9098 bacula-dir 9101 bacula-fd 9102 bacula-sd 9103 wap-wsp 9200
  git 9418 xmms2 9667 zope 9673 ndmp 10000 zabbix 10050 zabbix-agent 10050 zabbix-trapper 10051 amanda 10080
  kamanda 10081 amandaidx 10082 amidxtape 10083 nbd 10809 memcache 11211 hkp 11371 sgi-cmsd 17001 sgi-crsd 17002
  sgi-gcd 17003 sgi-cad 17004 db-lsp 17500 dcap 22125 gsidcap 22128 wnn6 22273 binkp 24554 quake 26000
  mongodb 27017 asp 27374 csync2 30865 dircproxy 57000 tfido 60177 fido 60179
`);
