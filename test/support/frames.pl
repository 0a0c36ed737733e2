#!/usr/bin/perl
# Frames as they are, on an interface of the namespace it runs in: `send IF` takes them from standard input, in hexadecimal,
# a line each; `listen IF SECONDS` prints what comes in the same way; `originate` sends packets from the namespace's own stack.
use strict;
use warnings;
use Socket qw(:DEFAULT pack_sockaddr_in6);

use constant { AF_PACKET => 17, ETH_P_ALL => 3, SIOCGIFINDEX => 0x8933 };

my ($action, $interface, $seconds) = @ARGV;
if ($action eq 'originate') {
    # IPPROTO_RAW: the header is ours, the way is the kernel's. IPv6 has an option for that (linux/in6.h, IPV6_HDRINCL).
    socket(my $four, PF_INET, SOCK_RAW, 255) or die "socket: $!\n";
    socket(my $six, PF_INET6, SOCK_RAW, 255) or die "socket: $!\n";
    setsockopt($six, 41, 36, pack('i', 1)) or die "IPV6_HDRINCL: $!\n";
    while (my $line = <STDIN>) {
        chomp $line;
        my $packet = pack('H*', $line);
        # A packet that is dropped on its way out is told to the sender: nothing to die of.
        my $four_bytes = substr($packet, 16, 4);
        my $sixteen_bytes = substr($packet, 24, 16);
        if (ord($packet) >> 4 == 4) { send($four, $packet, 0, pack_sockaddr_in(0, $four_bytes)) }
        else { send($six, $packet, 0, pack_sockaddr_in6(0, $sixteen_bytes)) }
    }
    exit;
}
socket(my $socket, AF_PACKET, SOCK_RAW, unpack('S', pack('n', ETH_P_ALL))) or die "socket: $!\n";
my $request = pack('a16x24', $interface);
ioctl($socket, SIOCGIFINDEX, $request) or die "$interface: $!\n";
my $index = unpack('x16i', $request);
bind($socket, pack('SniSCCa8', AF_PACKET, ETH_P_ALL, $index, 0, 0, 0, '')) or die "bind: $!\n";
$| = 1;

if ($action eq 'send') {
    while (my $line = <STDIN>) {
        chomp $line;
        send($socket, pack('H*', $line), 0) or die "send: $!\n";
    }
} else {
    print "listening\n";
    my $end = time + $seconds;
    while (time < $end) {
        my $ready = '';
        vec($ready, fileno($socket), 1) = 1;
        next unless select($ready, undef, undef, 0.1);
        recv($socket, my $frame, 65535, 0);
        print unpack('H*', $frame), "\n";
    }
}
