package MonitoringSDK::Wire;

# Perl values to protocol JSON. Written for the few flat shapes of the protocol,
# because JSON::PP costs more than everything else in a call together. Whatever
# comes in, valid UTF-8 JSON bytes come out, and nothing here dies.

use 5.010;
use strict;
use warnings;
no warnings qw(utf8 recursion);
use Scalar::Util ();

use constant MAX_LINE  => 65_536;    # bytes, with the newline
use constant MAX_DEPTH => 8;

# Limits of one message. They are lowered step by step until a line fits.
our $max_string = MAX_LINE;          # characters of one string
our $max_nodes  = 2_000;             # values in one message
our $nodes      = 0;                 # used so far
our $shortened  = 0;                 # something was cut

my %ESCAPE = ("\n" => '\n', "\r" => '\r', "\t" => '\t', '"' => '\"', '\\' => '\\\\');
$ESCAPE{chr $_} //= sprintf '\u%04x', $_ for 0 .. 31;

sub string {
    my $s = defined $_[0] ? ref $_[0] ? text_of($_[0]) : $_[0] : '';
    if (length $s > $max_string) {
        my $lost = length($s) - $max_string;
        $s = substr($s, 0, $max_string) . "...[$lost more]";
        $shortened = 1;
    }
    return qq("$s") if $s !~ /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

    _to_utf8($s);
    $s =~ s/([\x00-\x1f"\\])/$ESCAPE{$1}/g;
    return qq("$s");
}

# In place. Without the flag these are bytes: UTF-8 if they can be, else Latin-1.
# What Perl encodes though it is no Unicode (halves of surrogates, code points that
# are too high) is looked for in the bytes: in characters that takes ten times as long.
sub _to_utf8 {
    utf8::decode($_[0]) unless utf8::is_utf8($_[0]);
    utf8::encode($_[0]);
    $_[0] =~ s/\xed[\xa0-\xbf][\x80-\xbf]|\xf4[\x90-\xbf][\x80-\xbf]{2}|[\xf5-\xff][\x80-\xbf]*/\xef\xbf\xbd/g
        if $_[0] =~ /[\xed\xf4-\xff]/;
    return;
}

# A source or an id as the hub takes it: at most 255 bytes, no control characters.
# undef if there is nothing.
sub identifier {
    my $id = defined $_[0] && ref $_[0] ? text_of($_[0]) : $_[0];
    return undef unless defined $id && length $id;
    return $id if length $id < 256 && $id !~ /[^\x20-\x7e]/;
    $id = substr $id, 0, 1_024;
    _to_utf8($id);
    $id =~ s/[\x00-\x1f\x7f]|\xc2[\x80-\x9f]/?/g;
    return $id if length $id <= 255;
    $id = substr $id, 0, 255;
    $id =~ s/[\xc0-\xff][\x80-\xbf]*\z//;    # perhaps cut in two
    return $id;
}

sub value {
    my ($v, $depth) = @_;
    return 'null' unless defined $v;
    $nodes++;
    return _reference($v, $depth || 0) if ref $v;
    return is_number($v) ? "$v" : string($v);
}

# True for what Perl holds as a number and JSON can write; "42" read from a
# file stays a string. NaN and Inf fail the pattern and become strings.
sub is_number {
    return 0 unless $_[0] =~ /\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\z/;
    no warnings 'numeric';
    return length((my $empty = '') & $_[0]) ? 1 : 0;
}

# For fields that must be JSON numbers: undef if there is no number in it.
sub number {
    my ($v) = @_;
    return undef unless defined $v;
    $v = text_of($v) if ref $v;
    return undef unless Scalar::Util::looks_like_number($v);
    $v += 0;
    return undef unless $v * 0 == 0;    # Inf, NaN
    my $text = "$v";
    $text =~ tr/,/./;                   # a locale may have changed the point
    return $text;
}

# The members of ctx and tags. Later hashes override earlier ones.
sub object {
    my @hashes = grep { defined } @_;
    return '{}' unless @hashes;
    return _hash($hashes[0], 1) if @hashes == 1 && ref $hashes[0] eq 'HASH' && !tied %{ $hashes[0] };
    my %all;
    for my $h (@hashes) {
        my $is_hash = (Scalar::Util::reftype($h) // '') eq 'HASH';
        eval { %all = (%all, $is_hash ? %$h : (value => $h)); 1 } or $all{unreadable} = ref $h;
    }
    return _hash(\%all, 1);
}

sub _hash {
    my ($h, $depth) = @_;
    my @members;
    my @keys = keys %$h;
    if (@keys > $max_nodes) { $#keys = $max_nodes - 1; $shortened = 1 }
    for my $key (sort @keys) {
        if ($nodes >= $max_nodes) { $shortened = 1; last }
        push @members, string($key) . ':' . value($h->{$key}, $depth);
    }
    return '{' . join(',', @members) . '}';
}

sub _array {
    my ($list, $depth) = @_;
    my @members;
    for my $index (0 .. $#$list) {
        if ($nodes >= $max_nodes) { $shortened = 1; last }
        push @members, value($list->[$index], $depth);
    }
    return '[' . join(',', @members) . ']';
}

sub _reference {
    my ($r, $depth) = @_;
    my $class = Scalar::Util::blessed($r);
    return $$r ? 'true' : 'false' if defined $class && $class =~ /\A(?:JSON::PP|Types::Serialiser)::Boolean\z/;
    my $type = Scalar::Util::reftype($r);
    if (!defined $class && ($type eq 'HASH' || $type eq 'ARRAY')) {
        if ($depth >= MAX_DEPTH) { $shortened = 1; return qq("[$type, too deep]") }
        my $tied = $type eq 'HASH' ? tied %$r : tied @$r;
        my $code = $type eq 'HASH' ? \&_hash : \&_array;
        return $code->($r, $depth + 1) unless $tied;
        return eval { $code->($r, $depth + 1) } // string("[unreadable $type]");
    }
    return $$r ? 'true' : 'false'
        if !defined $class && $type eq 'SCALAR' && defined $$r && !ref $$r && $$r =~ /\A[01]\z/;
    return string($r);
}

# A copy of a hash that is safe to look into; anything else is an empty one.
sub plain_hash {
    my ($h) = @_;
    return {} unless ref $h eq 'HASH';
    my $copy = eval { +{%$h} };
    return $copy // {};
}

# For arguments that are used as text: identifiers, levels, states.
sub text { return ref $_[0] ? text_of($_[0]) : $_[0] }

# References as text: what the object says about itself, else what it is. No
# memory addresses: they differ from run to run and mean nothing to a reader.
sub text_of {
    my ($r) = @_;
    my $class = Scalar::Util::blessed($r);
    return '[' . ref($r) . ']' unless defined $class;
    return "$r" if $class eq 'Regexp';
    if ($INC{'overload.pm'} && overload::Method($r, '""')) {
        my $text = eval { my $t = "$r"; ref $t ? undef : $t };
        return $text // "[$class, unreadable]";
    }
    return "[$class]";
}

# Calls $build until its line fits, each time with tighter limits. Returns the
# line as bytes with its newline.
sub line {
    my ($build, $limit) = @_;
    $shortened = $nodes = 0;
    my $line = $build->() . "\n";
    utf8::downgrade($line, 1);
    return $line if length $line <= $limit && !$shortened;
    for my $step ([ MAX_LINE / 2, 2_000 ], [ 8_192, 1_000 ], [ 1_024, 200 ], [ 128, 100 ], [ 32, 20 ], [ 16, 0 ]) {
        local ($max_string, $max_nodes) = @$step;
        $nodes = 0;
        $line  = $build->() . "\n";
        utf8::downgrade($line, 1);
        last if length $line <= $limit - 20;
    }
    $shortened = 1;
    $line =~ s/\}\}\n\z/,"truncated":true}}\n/;
    return $line;
}

1;
