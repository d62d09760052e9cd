package MonitoringSDK::Logging;

# What the adapters for logging libraries have in common. Nothing in here dies.

use 5.010;
use strict;
use warnings;
use Scalar::Util ();
use MonitoringSDK ();

# Messages within a message: one may be a signal handler's; what goes deeper is
# an object that logs when it is asked for its text, and would never end.
use constant DEEPEST => 2;

my %made;
our $depth = 0;

# The SDK to log with: {sdk}, or one made of those settings that are options of
# the SDK, the same for the same settings. A logging library makes an adapter for
# each category and each reading of its configuration; they share a connection.
sub sdk {
    my ($settings) = @_;
    my $given = $settings->{sdk};
    return $given if Scalar::Util::blessed($given) && $given->isa('MonitoringSDK');
    my %options = map { $_ => $settings->{$_} } grep { MonitoringSDK::is_option($_) && defined $settings->{$_} } keys %$settings;
    return $made{ join "\0", map { ($_, "$options{$_}") } sort keys %options } //= MonitoringSDK->new(%options);
}

# Parts of a message: hashes are context, the others make up the text.
sub event {
    my ($sdk, $level, $category, $context, @parts) = @_;
    if ($depth >= DEEPEST) { $sdk->{stats}{dropped}++; return }
    local $depth = $depth + 1;
    my %context = (%$context, map { ref $_ eq 'HASH' ? _members($_) : () } @parts);
    $context{logger} = $category if defined $category;
    my @words = map { ref $_ eq 'ARRAY' ? _list($_) : $_ } grep { defined $_ && ref $_ ne 'HASH' } @parts;
    $sdk->log_event($level, @words == 1 ? $words[0] : join(' ', map { MonitoringSDK::Wire::text($_) // '' } @words), \%context);
    return;
}

# A tied hash is code of the application.
sub _members {
    my ($hash) = @_;
    return %$hash unless tied %$hash;
    local $@;
    my %copy;
    return eval { %copy = %$hash; 1 } ? %copy : ();
}

sub _list { return '[' . join(', ', map { MonitoringSDK::Wire::text($_) // 'undef' } @{ $_[0] }) . ']' }

1;
