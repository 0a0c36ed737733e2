#!/bin/sh
# The firewall of the old gateway
IPT=/sbin/iptables
WAN=eth0
LAN=eth1

modprobe nf_conntrack_ftp
echo 1 > /proc/sys/net/ipv4/ip_forward

$IPT -F
$IPT -t nat -F
$IPT -P INPUT DROP
$IPT -P FORWARD DROP
$IPT -N logdrop
$IPT -A logdrop -m limit --limit 10/min -j LOG --log-prefix 'dropped: '
$IPT -A logdrop -j DROP

$IPT -A INPUT -i lo -j ACCEPT
$IPT -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
$IPT -A INPUT -i $LAN -p tcp --dport ssh -j ACCEPT     # admin
$IPT -A INPUT -i $LAN -p tcp --dport domain -j ACCEPT
$IPT -A INPUT -i $LAN -p udp --dport domain -j ACCEPT
$IPT -A INPUT -i $WAN -j logdrop

$IPT -A FORWARD -m state --state ESTABLISHED,RELATED -j ACCEPT
$IPT -A FORWARD -i $LAN -o $WAN -j ACCEPT
$IPT -A FORWARD -j logdrop

$IPT -t nat -A POSTROUTING -o $WAN -s 192.168.0.0/16 \
     -j MASQUERADE
