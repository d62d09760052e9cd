# Every option and every method is documented, options with their default.
use strict;
use warnings;
use Test::More;
use FindBin;
use MonitoringSDK;

open my $fh, '<', "$FindBin::Bin/../lib/MonitoringSDK.pm" or die $!;
my ($code, $pod) = split /^__END__$/m, do { local $/; <$fh> };
my ($table) = $code =~ /my %DEFAULT = \((.*?)\n\);/s;
my %default = $table =~ /^\s+(\w+)\s+=> (.+),$/mg;
cmp_ok scalar keys %default, '>', 10, 'the defaults are found';
for my $name (sort keys %default) {
    my ($documented) = $pod =~ /^    $name\s+(.*)$/m;
    ok $documented, "$name is documented" or next;
    (my $value = $default{$name}) =~ s/[_']//g;
    like $documented, qr/\s\Q$value\E(?:\s|\z)/, "with its default $value" unless $value eq 'undef';
}
my ($methods) = $code =~ /for my \$name \(qw\((log_event.*?)\)\)/s;
like $pod, qr/^=head2 (?:.*\W)?\Q$_\E\b/m, "$_ is documented" for split ' ', $methods;
like $pod, qr/\b\Q$_\E\b/, "$_ of get_stats is documented" for keys %{ MonitoringSDK->new(source => 'd', spool => 0)->get_stats };
done_testing;
