# The real hub, unpacked from its tarball: killed in the middle, every message once in the files.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use File::Find ();
use FindBin;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../../perl/t/lib";
use FakeHub qw(wait_until);
use Player;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my ($tarball) = glob "$FindBin::Bin/../../../distribution/target/monitoring-hub-*.tar.gz";
plan skip_all => 'no distribution/target/monitoring-hub-*.tar.gz: build it with ./mvnw package' unless $tarball;
my $dir = File::Temp->newdir;
system('tar', '-xzf', $tarball, '-C', $dir) == 0 or die 'tar';
my ($home) = glob "$dir/monitoring-hub-*";
# Below those that the system gives to outgoing connections: none of them takes one while the hub is down.
my ($port, $http) = (0, 0);
for (1 .. 100) {
    my $probe = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 20_000 + int rand 12_768, Listen => 1) or next;
    ($port, $http) = ($http, $probe->sockport) if $probe->sockport != $http;
    last if $port;
}
{
    open my $in, '<', "$home/conf/hub.yaml" or die $!;
    my $yaml = join '', <$in>;
    $yaml =~ s/port: 17000/port: $port/ or die 'hub.yaml has no port 17000';
    $yaml =~ s/port: 17001/port: $http/ or die 'hub.yaml has no port 17001';
    open my $out, '>', "$home/conf/hub.yaml" or die $!;
    print $out $yaml;
    close $out;
}
my $hub;

sub up {
    $hub = fork // die $!;
    if (!$hub) {
        POSIX::setpgid(0, 0);
        open STDOUT, '>>', "$dir/hub.log";
        open STDERR, '>&', \*STDOUT;
        open STDIN, '<', '/dev/null';
        exec "$home/bin/hub", 'run' or POSIX::_exit(9);
    }
    return wait_until('the hub', sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) }, 90);
}
sub down { my ($signal) = @_; kill $signal, -$hub if $hub; waitpid $hub, 0 if $hub; $hub = undef; return }
END { local $?; down('KILL') if $hub }

sub stored {
    my @messages;
    File::Find::find(sub {
        return unless -f && /\.(?:ldjson|jsonl|json|log)(?:\.gz)?\z|\.open\z|ndjson/ && $File::Find::name =~ m{/(?:data|out|archive|messages)};
        open my $in, '<:raw', $_ or return;
        while (<$in>) { push @messages, $1 if /"src":"c-it".*"msg":"([0-9]+)"/ }
    }, $home);
    return @messages;
}

ok up(), 'the hub is up' or diag `cat $dir/hub.log`;
my $sdk = Player->new(source => 'c-it', port => $port, spool_dir => "$dir/spool", protocol => 'acked', backoff_min_ms => 20, backoff_max_ms => 500);
my $n = 0;
for my $round (1 .. 3) {
    for (1 .. 20) { $sdk->say('burst', $n + 1, $n + 500); $n += 500 }
    down('KILL');
    $sdk->say('burst', $n + 1, $n + 500);
    $n += 500;
    ok up(), "killed and up again ($round)";
}
ok wait_until('acknowledgement', sub { $sdk->say('flush', 60_000) }, 60), 'all acknowledged';
my $stats = $sdk->stats;
is "$stats->{acked} $stats->{dropped} $stats->{protocol}", "$n 0 acked", 'counted';
$sdk->say('close', 60_000);
is $sdk->done, 0, 'the program ends well';
wait_until('the files', sub { my @s = stored(); @s >= $n }, 60);
my %seen;
$seen{$_}++ for stored();
is scalar(keys %seen), $n, 'every message is in the files';
is_deeply [ grep { $seen{$_} > 1 } keys %seen ], [], 'none twice';
down('TERM');
done_testing;
