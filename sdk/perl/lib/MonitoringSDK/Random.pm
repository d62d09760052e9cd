package MonitoringSDK::Random;

# Identifiers and jitter from the system's random source. Perl's own rand() is
# left alone: an application may have seeded it, and a forked child would
# repeat its parent's numbers.

use 5.010;
use strict;
use warnings;
use Time::HiRes ();

my $pool = '';
my $pool_pid = 0;
my $calls = 0;

sub bytes {
    my ($wanted) = @_;
    if ($pool_pid != $$) { $pool = ''; $pool_pid = $$ }
    if (length $pool < $wanted) {
        if (open my $fh, '<:raw', '/dev/urandom') {
            sysread $fh, $pool, 512;
            close $fh;
        }
        $pool .= _weak_bytes() while length $pool < $wanted;
    }
    return substr $pool, 0, $wanted, '';
}

# Only where there is no /dev/urandom: unique enough for an identifier.
sub _weak_bytes {
    require Digest::MD5;
    return Digest::MD5::md5(join ':', Time::HiRes::time(), $$, ++$calls, "@{[ {} ]}");
}

sub hex_id { return unpack 'H*', bytes($_[0]) }

# A random UUID: version 4, variant 1.
sub uuid {
    my @b = unpack 'C16', bytes(16);
    $b[6] = $b[6] & 0x0f | 0x40;
    $b[8] = $b[8] & 0x3f | 0x80;
    return sprintf '%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x', @b;
}

# Uniform in [0, $limit).
sub below { return $_[0] * unpack('N', bytes(4)) / 4_294_967_296 }

1;
