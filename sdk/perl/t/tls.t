# TLS where it cannot be had: said, never thrown, and nothing goes out without it.
# TLS with a real hub: TlsIT of the distribution.
use strict;
use warnings;
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/lib";
use FakeHub;
use MonitoringSDK;
use Test::More;

my $hub = FakeHub->new->up;
my @to  = (source => 'tls', port => $hub->port, spool => 0, close_timeout => 1, welcome_timeout => 0.2, connect_timeout => 0.5);

{
    my $sdk = MonitoringSDK->new(@to);
    $sdk->log_event('info', 'without');
    ok $sdk->flush(60), 'the hub is there';
    $sdk->close;
}

SKIP: {
    skip 'IO::Socket::SSL is loaded', 5 if $INC{'IO/Socket/SSL.pm'};
    local @INC = (sub { die "not installed\n" if $_[1] eq 'IO/Socket/SSL.pm'; return }, @INC);
    local $@ = 'as it was';
    my $sdk = MonitoringSDK->new(@to, tls => 1);
    like $sdk->get_stats->{last_error}, qr/tls needs the Perl module IO::Socket::SSL/, 'the missing module is named';
    $sdk->log_event('info', 'secret');
    ok !$sdk->flush(1), 'nothing is sent';
    like $sdk->get_stats->{last_error}, qr/tls needs the Perl module IO::Socket::SSL/, 'and it is still said why';
    is $@, 'as it was', 'nothing is thrown';
    $sdk->close;
    is $sdk->get_stats->{dropped}, 1, 'what was not sent is counted';
}

SKIP: {
    skip 'no IO::Socket::SSL', 5 unless eval { require IO::Socket::SSL; 1 };
    my $missing = MonitoringSDK->new(@to, tls => 'yes', tls_ca => '/nowhere/ca.pem');
    like $missing->get_stats->{last_error}, qr{tls_ca: cannot read the file /nowhere/ca.pem}, 'a missing file is named';
    my $broken = File::Temp->new;
    print {$broken} "no certificate\n";
    close $broken;
    my $unusable = MonitoringSDK->new(@to, tls => 1, tls_ca => "$broken");
    like $unusable->get_stats->{last_error}, qr/tls cannot be used: /, 'a broken file is told';
    my $half = MonitoringSDK->new(@to, tls => 1, tls_cert => __FILE__);
    like $half->get_stats->{last_error}, qr/belong together/, 'a certificate needs its key';
    my $sdk = MonitoringSDK->new(@to, tls => 1);
    $sdk->log_event('info', 'secret');
    ok !$sdk->flush(3), 'a hub without TLS gets nothing';
    like $sdk->get_stats->{last_error}, qr/no TLS/, 'and it is said why';
    $_->close for $missing, $unusable, $half, $sdk;
}

ok !grep({ $_->{line} =~ /secret/ } @{ $hub->accepted }), 'the hub has not seen it';
done_testing;
