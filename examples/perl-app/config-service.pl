#!/usr/bin/perl
# config-service: reads the estate's INI file, checks every key against the table
# below and leaves the result as config.json for the other programs. Problems with
# a sensible default are warnings; a missing or senseless required key is fatal.
#
#   config-service.pl <file.ini>

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../../sdk/perl/lib";
use Estate qw(folder in_span job_id monitor write_json);

# section.key => [type, default]; no default = required
my %KNOWN = (
    'receiver.columns'       => [ 'words' ],
    'receiver.key'           => [ 'word' ],
    'receiver.max_bad_rows'  => [ 'count',  10 ],
    'receiver.manifest'      => [ 'word',   'MANIFEST' ],
    'queue.max_attempts'     => [ 'count',  2 ],
    'loader.table'           => [ 'word' ],
    'loader.verify'          => [ 'switch', 1 ],
);
my %TYPE = (
    word   => [ qr/\A[\w.-]+\z/,              sub { $_[0] } ],
    words  => [ qr/\A\w+(?:\s*,\s*\w+)*\z/,   sub { [ split /\s*,\s*/, $_[0] ] } ],
    count  => [ qr/\A[0-9]{1,6}\z/,           sub { $_[0] + 0 } ],
    switch => [ qr/\A(?:yes|no|on|off|1|0)\z/i, sub { $_[0] =~ /\A(?:yes|on|1)\z/i ? 1 : 0 } ],
);

my $file = shift // die "usage: config-service.pl <file.ini>\n";
my $sdk  = monitor('config-service');

my $ok = eval {
    in_span($sdk, 'provide configuration', { file => $file }, sub {
        my ($tags) = @_;
        my $raw = in_span($sdk, 'parse', { file => $file }, sub { return parse($file, $_[0]) });
        my ($config, $warnings, $errors) = @{ in_span($sdk, 'validate', {}, sub { return [ validate($raw) ] }) };
        $sdk->log_event('warn',  $_, { file => $file }) for @$warnings;
        $sdk->log_event('error', $_, { file => $file }) for @$errors;
        print "config-service: warning: $_\n" for @$warnings;
        @$tags{qw(warnings errors)} = (scalar @$warnings, scalar @$errors);
        die join("\n", @$errors) . "\n" if @$errors;
        write_json(folder() . '/config.json', $config);
        $sdk->log_metric('config.keys',     scalar(map { keys %$_ } values %$config), 'keys');
        $sdk->log_metric('config.warnings', scalar @$warnings, 'warnings');
        return;
    });
    1;
};
my $error = $@;
$sdk->log_progress(job_id(), 10, $ok ? 'configuration read' : 'configuration is wrong');
$sdk->close;
if (!$ok) { print STDERR "config-service: $error"; exit 78 }
exit 0;

# "section.key" => [value, line number]
sub parse {
    my ($path, $tags) = @_;
    open my $fh, '<:encoding(UTF-8)', $path or die "cannot read $path: $!\n";
    my ($section, %raw) = ('');
    while (my $line = <$fh>) {
        $line =~ s/\s*(?:[;#].*)?\r?\n?\z//;
        if    ($line =~ /\A\s*\z/)               { next }
        elsif ($line =~ /\A\[(\w+)\]\z/)         { $section = $1 }
        elsif ($line =~ /\A\s*(\w+)\s*=\s*(.*)\z/) {
            die "$path line $.: '$1' stands before the first section\n" if $section eq '';
            $raw{"$section.$1"} = [ $2, $. ];
        }
        else { die "$path line $.: neither a section nor key = value\n" }
    }
    $tags->{keys} = keys %raw;
    return \%raw;
}

sub validate {
    my ($raw) = @_;
    my (%config, @warnings, @errors);
    for my $name (sort keys %KNOWN) {
        my ($type, $default) = @{ $KNOWN{$name} };
        my ($section, $key)  = split /\./, $name;
        my ($pattern, $read) = @{ $TYPE{$type} };
        my ($value, $line)   = @{ delete $raw->{$name} // [] };
        if    (defined $value && $value =~ $pattern) { $config{$section}{$key} = $read->($value) }
        elsif (!defined $default) {
            push @errors, defined $value ? "line $line: $name = '$value' is no $type" : "$name is missing";
        }
        else {
            push @warnings, "line $line: $name = '$value' is no $type, using $default" if defined $value;
            $config{$section}{$key} = $default;
        }
    }
    push @warnings, "line $raw->{$_}[1]: unknown key $_" for sort keys %$raw;
    my $columns = $config{receiver}{columns} // [];
    push @errors, "receiver.key = '$config{receiver}{key}' is not among the columns"
        if defined $config{receiver}{key} && !grep { $_ eq $config{receiver}{key} } @$columns;
    return (\%config, \@warnings, \@errors);
}
