use strict;
use HTTP::Tiny;

my ($url, $ca) = @ARGV;
my $reply = HTTP::Tiny->new(verify_SSL => 1, SSL_options => {SSL_ca_file => $ca})->get($url);
print STDERR $reply->{content};
exit($reply->{success} ? 0 : 1);
