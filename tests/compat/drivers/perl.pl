# Perl, IO::Socket::SSL: verify_hostname_of_cert with the scheme www.
use strict;
use warnings;
use IO::Socket::SSL;
use Net::SSLeay;

if ($ARGV[0] eq '--version') {
    print "IO::Socket::SSL $IO::Socket::SSL::VERSION, scheme www\n";
    exit;
}
my $dir = $ARGV[0];
open(my $asks, '<', "$dir/asks.tsv") or die;
while (<$asks>) {
    chomp;
    my ($id, $hex) = split /\t/;
    my $name = pack('H*', $hex);
    my $bio = Net::SSLeay::BIO_new_file("$dir/$id.pem", 'r');
    my $cert = Net::SSLeay::PEM_read_bio_X509($bio);
    Net::SSLeay::BIO_free($bio);
    my ($word, $reason) = ('error:parse', '');
    if ($cert) {
        my $match = eval { IO::Socket::SSL::verify_hostname_of_cert($name, $cert, 'www') };
        ($word, $reason) = $@ ? ('error:exception', $@) : ($match ? 'accept' : 'reject', '');
        Net::SSLeay::X509_free($cert);
    }
    $reason =~ s/[^ -~]+/ /g;
    print "$id\t$word\t", substr($reason, 0, 200), "\n";
}
