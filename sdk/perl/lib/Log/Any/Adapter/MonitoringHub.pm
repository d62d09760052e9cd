package Log::Any::Adapter::MonitoringHub;

# Loaded by Log::Any, which is no core module, and by nothing in this SDK.

use 5.010;
use strict;
use warnings;
use Log::Any::Adapter::Base ();
use Log::Any::Adapter::Util ();
use MonitoringSDK::Logging  ();

our $VERSION = '1.0.0';
our @ISA     = ('Log::Any::Adapter::Base');

my %level = (trace => 'debug', notice => 'info', warning => 'warn', critical => 'fatal', alert => 'fatal', emergency => 'fatal');

sub init {
    my ($self) = @_;
    my $least = $self->{log_level};
    $least = Log::Any::Adapter::Util::numeric_level($least) if defined $least && $least !~ /\A[0-9]+\z/;
    $self->{least} = $least // Log::Any::Adapter::Util::numeric_level('trace');
    $self->{to}    = MonitoringSDK::Logging::sdk($self);
    return;
}

sub sdk { return $_[0]{to} }

# What Log::Any calls since 1.700: hashes are still hashes.
sub structured {
    my ($self, $level, $category, @parts) = @_;
    return if Log::Any::Adapter::Util::numeric_level($level) > $self->{least};
    return MonitoringSDK::Logging::event($self->{to}, $level{$level} // $level, $category, {}, @parts);
}

for my $name (Log::Any::Adapter::Util::logging_methods()) {
    my $number = Log::Any::Adapter::Util::numeric_level($name);
    no strict 'refs';
    *$name = sub { my ($self, @parts) = @_; return $self->structured($name, $self->{category}, @parts) };
    *{"is_$name"} = sub { return $number <= $_[0]{least} };
}

1;
__END__

=encoding utf8

=head1 NAME

Log::Any::Adapter::MonitoringHub - what is logged with Log::Any, as events of a Monitoring Hub

=head1 SYNOPSIS

    use Log::Any qw($log);
    use Log::Any::Adapter;
    use MonitoringSDK;

    my $sdk = MonitoringSDK->new(source => 'queue-service');
    Log::Any::Adapter->set('MonitoringHub', sdk => $sdk, log_level => 'info');

    $log->info('Job started', { job_id => '12345' });

=head1 DESCRIPTION

Each message becomes an event: hashes behind its text, and Log::Any's context, are the
event's C<ctx>, together with C<logger>, the category. It belongs to the present
trace and span of the SDK. Levels: trace is debug; notice is info; critical, alert
and emergency are fatal.

A message costs what C<log_event> of L<MonitoringSDK> costs, and like that does not
die and does not wait. An object that logs when it is asked for its text is heard
once; what it logs while doing so again is counted in C<dropped>.

=head1 OPTIONS

=over

=item sdk

A MonitoringSDK. Without it one is made of the options of C<< MonitoringSDK->new >>
that are given here (C<source>, C<host>, C<port> and so on), one for all adapters
with the same options; it is closed at the end of the process.

=item log_level

Messages below are left out; the default is trace: none.

=back

Needs Log::Any (Debian: C<liblog-any-perl>). A filter of Log::Any makes text of
hashes before they come here.

=head1 LICENSE

Apache License 2.0.

=cut
