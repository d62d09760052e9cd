#!/usr/bin/perl
# file-receiver: checks what has arrived in incoming/. A file is good if the
# manifest names it with the right SHA-256, its header has the configured columns
# and no more rows are wrong than allowed. Good ones move to accepted/ (without
# their wrong rows, which go to rejected/<file>.rows), bad ones to rejected/ with
# a <file>.reason beside them.

use strict;
use warnings;
use Digest::SHA ();
use File::Glob ':bsd_glob';
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../../sdk/perl/lib";
use Estate qw(folder in_span job_id monitor read_json write_file write_json);

my $config  = read_json(folder() . '/config.json');
my @columns = @{ $config->{receiver}{columns} };
my ($incoming, $accepted, $rejected) = map { folder($_) } qw(incoming accepted rejected);
my %CHECK = (
    order_id => qr/\A[A-Z]{2}[0-9]{6}\z/,
    date     => qr/\A20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\z/,
    quantity => qr/\A[1-9][0-9]{0,4}\z/,
    price    => qr/\A[0-9]{1,7}\.[0-9]{2}\z/,
);

my $sdk = monitor('file-receiver');
my %count = map { $_ => 0 } qw(files_accepted files_rejected rows_accepted rows_rejected);

in_span($sdk, 'receive files', {}, sub {
    my ($tags) = @_;
    my $expected = in_span($sdk, 'read manifest', {}, sub { return manifest($_[0]) });
    my @files = sort map { m{([^/]+)\z} } glob "$incoming/*.csv";
    my $done  = 0;
    for my $file (@files) {
        my $reason = in_span($sdk, 'check file', { file => $file, bytes => -s "$incoming/$file" }, sub {
            my ($found) = @_;
            my $reason = check($file, delete $expected->{$file}, $found);
            $found->{status} = 'rejected' if defined $reason;
            $found->{reason} = $reason if defined $reason;
            return $reason;
        });
        $sdk->log_event('warn', 'file rejected', { file => $file, reason => $reason }) if defined $reason;
        $count{ defined $reason ? 'files_rejected' : 'files_accepted' }++;
        $sdk->log_progress(job_id(), 10 + 30 * ++$done / @files, 'receiving files');
    }
    for my $missing (sort keys %$expected) {
        $sdk->log_event('error', 'file announced but not received', { file => $missing });
        write_file("$rejected/$missing.reason", "announced in the manifest, never arrived\n");
        $count{files_rejected}++;
    }
    $sdk->log_metric("receiver.$_", $count{$_}, /rows/ ? 'rows' : 'files') for sort keys %count;
    %$tags = %count;
    return;
});
$sdk->log_resource;
write_json(folder() . '/receiver.json', \%count);
$sdk->close;

# file => sha256
sub manifest {
    my ($tags) = @_;
    my $path = "$incoming/$config->{receiver}{manifest}";
    open my $fh, '<', $path or die "cannot read $path: $!\n";
    my %sum;
    while (<$fh>) {
        my ($sum, $file) = /\A([0-9a-f]{64})  (\S+)\s*\z/ or die "$path line $.: not '<sha256>  <file>'\n";
        $sum{$file} = $sum;
    }
    $tags->{files} = keys %sum;
    return \%sum;
}

# Moves the file to where it belongs; returns the reason if it was rejected.
sub check {
    my ($file, $expected, $found) = @_;
    my ($reason, $good, $bad) = judge("$incoming/$file", $expected);
    @$found{qw(rows bad_rows)} = (scalar @{ $good // [] }, scalar @{ $bad // [] });
    $count{rows_rejected} += @{ $bad // [] };
    if (defined $reason) {
        $count{rows_rejected} += @{ $good // [] };
        write_file("$rejected/$file.reason", "$reason\n");
        rename "$incoming/$file", "$rejected/$file" or die "cannot move $file: $!\n";
        return $reason;
    }
    $count{rows_accepted} += @$good;
    write_file("$rejected/$file.rows", join '', @$bad) if @$bad;
    write_file("$accepted/$file", join('', join(',', @columns) . "\n", @$good));
    unlink "$incoming/$file";
    return undef;
}

sub judge {
    my ($path, $expected) = @_;
    return 'not in the manifest' if !defined $expected;
    my $sum = Digest::SHA->new(256)->addfile($path, 'b')->hexdigest;
    return "checksum is $sum, the manifest says $expected" if $sum ne $expected;
    open my $fh, '<:raw', $path or die "cannot read $path: $!\n";
    my $header = <$fh> // '';
    $header =~ s/\r?\n\z//;
    return "header is '$header', expected '" . join(',', @columns) . q(') if $header ne join ',', @columns;
    my (@good, @bad);
    while (my $row = <$fh>) {
        $row =~ s/\r?\n\z//;
        my $problem = problem_of($row);
        push @{ defined $problem ? \@bad : \@good }, defined $problem ? "line $.: $problem: $row\n" : "$row\n";
    }
    my $limit = $config->{receiver}{max_bad_rows};
    return (@bad . " wrong rows, allowed are $limit; first: $bad[0]" =~ s/\n\z//r, \@good, \@bad) if @bad > $limit;
    return ('no rows', [], []) if !@good;
    return (undef, \@good, \@bad);
}

sub problem_of {
    my ($row) = @_;
    my @fields = split /,/, $row, -1;
    return @fields . ' fields' if @fields != @columns;
    my %field;
    @field{@columns} = @fields;
    for my $name (grep { $CHECK{$_} } @columns) {
        return "bad $name" if $field{$name} !~ $CHECK{$name};
    }
    return undef;
}
