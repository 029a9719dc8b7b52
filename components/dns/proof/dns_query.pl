# Ask one DNS server for the A records of one name, and print what came: `NOERROR 192.168.1.7`, `NXDOMAIN`,
# `no answer`, `nobody listens`. Perl, since every Debian and Ubuntu image has it, and Argo CD's has no dig.
use strict; use warnings;
use Socket qw(:DEFAULT getaddrinfo AI_NUMERICHOST);
my ($server, $port, $name) = @ARGV;
my ($error, $to) = getaddrinfo($server, $port, {socktype => SOCK_DGRAM, flags => AI_NUMERICHOST});
die "$server: $error\n" if $error;
socket(my $socket, $to->{family}, SOCK_DGRAM, 0) or die "socket: $!\n";
connect($socket, $to->{addr}) or do { print "no answer\n"; exit };
my $id = int(rand(65536));
my $query = pack("n6", $id, 0x0100, 1, 0, 0, 0)
    . join("", map { pack("C/a*", $_) } split(/\./, $name)) . pack("C n n", 0, 1, 1);
my $reply = "";
for (1 .. 2) {
    send($socket, $query, 0) or do { print "nobody listens\n"; exit };
    my $readable = ""; vec($readable, fileno($socket), 1) = 1;
    next unless select($readable, undef, undef, 2);
    defined recv($socket, $reply, 4096, 0) or do { print "nobody listens\n"; exit };
    last if length($reply) >= 12 and unpack("n", $reply) == $id;
}
if (length($reply) < 12) { print "no answer\n"; exit }
my (undef, $flags, $questions, $answers) = unpack("n4", $reply);
my @names = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED");
my $code = $names[$flags & 15] // ("RCODE" . ($flags & 15));
my $at = 12;
sub skip_name { while ($at < length $reply) {
    my $size = unpack("C", substr($reply, $at, 1));
    if ($size >= 192) { $at += 2; return } $at += 1 + $size; return unless $size } }
for (1 .. $questions) { skip_name(); $at += 4 }
my @found;
for (1 .. $answers) {
    skip_name();
    last if $at + 10 > length $reply;
    my ($type, undef, undef, $size) = unpack("n n N n", substr($reply, $at, 10));
    push @found, inet_ntoa(substr($reply, $at + 10, 4)) if $type == 1 and $size == 4;
    $at += 10 + $size;
}
print join(" ", $code, @found), "\n";
