package Estate;

# What the programs of this estate share: where things are, files that are
# written whole or not at all, and a span around a piece of work.

use strict;
use warnings;
use Exporter 'import';
use File::Path ();
use File::Spec ();
use JSON::PP ();
use MonitoringSDK;

our @EXPORT_OK = qw(work_dir folder job_id monitor in_span read_json write_json write_file);

my $json = JSON::PP->new->utf8->canonical->pretty;

sub work_dir { return $ENV{ESTATE_WORK} // die "ESTATE_WORK is not set: start this with run.sh\n" }
sub job_id   { return $ENV{ESTATE_JOB}  // 'manual' }

sub folder {
    my $path = File::Spec->catdir(work_dir(), @_);
    File::Path::make_path($path);
    return $path;
}

# Address of the hub, trace and parent span come from the environment.
sub monitor {
    my ($source) = @_;
    my $sdk = MonitoringSDK->new(source => $source);
    $sdk->set_context(job_id => job_id());
    return $sdk;
}

# Runs $code in a span that is closed whatever happens. $code gets a hash for the
# tags of the end of the span.
sub in_span {
    my ($sdk, $name, $tags, $code) = @_;
    my $span = $sdk->start_span($name, undef, { tags => $tags });
    my %found = %$tags;
    my $result;
    if (eval { $result = $code->(\%found); 1 }) {
        $sdk->end_span($span, delete $found{status} // 'ok', \%found);
        return $result;
    }
    my $error = $@;
    chomp(my $reason = $error);
    $sdk->end_span($span, 'error', { %found, reason => $reason });
    die $error;
}

sub read_json {
    my ($path) = @_;
    open my $fh, '<:raw', $path or die "cannot read $path: $!\n";
    local $/;
    return $json->decode(scalar <$fh>);
}

sub write_json { my ($path, $value) = @_; return write_file($path, $json->encode($value)) }

sub write_file {
    my ($path, $bytes) = @_;
    open my $fh, '>:raw', "$path.tmp" or die "cannot write $path.tmp: $!\n";
    print {$fh} $bytes or die "cannot write $path.tmp: $!\n";
    close $fh or die "cannot write $path.tmp: $!\n";
    rename "$path.tmp", $path or die "cannot rename $path.tmp: $!\n";
    return;
}

1;
