#!/usr/bin/perl
# Frames as they are, on an interface of the namespace it runs in: `send IF` takes them from standard input, in hexadecimal,
# a line each; `listen IF SECONDS` prints what comes in the same way.
use strict;
use warnings;
use Socket;

use constant { AF_PACKET => 17, ETH_P_ALL => 3, SIOCGIFINDEX => 0x8933 };

my ($action, $interface, $seconds) = @ARGV;
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
