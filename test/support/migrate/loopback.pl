# Sends what is told on standard input over the loopback of this namespace, a line each: SOURCE SOURCE-PORT PORT SIZE TTL.
# Answers 1 where it came in, 0 where not: over loopback both is so when the sending is done.
use strict;
use warnings;
use Socket qw(:DEFAULT MSG_DONTWAIT);

$| = 1;
my %servers;
while (my $line = <STDIN>) {
  my ($source, $from, $to, $size, $ttl) = split ' ', $line;
  if (!$servers{$to}) {
    socket($servers{$to}, PF_INET, SOCK_DGRAM, 17) or die "socket: $!";
    bind($servers{$to}, pack_sockaddr_in($to, INADDR_ANY)) or die "bind: $!";
  }
  my $server = $servers{$to};
  my $data;
  1 while defined recv($server, $data, 65536, MSG_DONTWAIT);
  socket(my $client, PF_INET, SOCK_DGRAM, 17) or die "socket: $!";
  setsockopt($client, SOL_SOCKET, SO_REUSEADDR, 1);
  setsockopt($client, 0, 2, pack('i', $ttl)) or die "ttl: $!";
  bind($client, pack_sockaddr_in($from, inet_aton($source))) or die "bind $source: $!";
  send($client, 'GET' . 'x' x ($size - 3), 0, pack_sockaddr_in($to, inet_aton('127.0.0.1')));
  print defined recv($server, $data, 65536, MSG_DONTWAIT) ? 1 : 0, "\n";
}
