# Prints the generation of this network namespace's nf_tables ruleset: a number that every change of it makes one larger.
# nft has no word for it; the kernel is asked by netlink (include/uapi/linux/netfilter/nf_tables.h, NFT_MSG_GETGEN).
use strict;
use warnings;
use Socket;

my ($AF_NETLINK, $NETLINK_NETFILTER, $GETGEN, $REQUEST, $GEN_ID) = (16, 12, 10 << 8 | 16, 1, 1);
socket(my $netlink, $AF_NETLINK, SOCK_RAW, $NETLINK_NETFILTER) or die "socket: $!\n";
send($netlink, pack('L S S L L C C n', 20, $GETGEN, $REQUEST, 1, 0, 0, 0, 0), 0, pack('S S L L', $AF_NETLINK, 0, 0, 0))
  or die "send: $!\n";
defined(recv($netlink, my $answer, 4096, 0)) or die "recv: $!\n";
my $attributes = substr($answer, 20);
while (length($attributes) >= 4) {
  my ($length, $type) = unpack('S S', $attributes);
  last if $length < 4;
  if ($type == $GEN_ID) {
    print unpack('N', substr($attributes, 4, 4)), "\n";
    exit 0;
  }
  $attributes = substr($attributes, ($length + 3) & ~3);
}
die "no generation in the answer\n";
