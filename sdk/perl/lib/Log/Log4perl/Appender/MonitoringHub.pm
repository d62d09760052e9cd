package Log::Log4perl::Appender::MonitoringHub;

# Loaded by Log::Log4perl, which is no core module, and by nothing in this SDK.

use 5.010;
use strict;
use warnings;
use Log::Log4perl::MDC     ();
use MonitoringSDK::Logging ();

our $VERSION = '1.0.0';

sub new {
    my ($class, %settings) = @_;
    return bless { name => $settings{name}, to => MonitoringSDK::Logging::sdk(\%settings) }, $class;
}

sub sdk { return $_[0]{to} }

sub log {
    my ($self, %event) = @_;
    my @parts = ref $event{message} eq 'ARRAY' ? @{ $event{message} } : $event{message};
    if (@parts == 1 && defined $parts[0] && !ref $parts[0]) { $parts[0] =~ s/\n\z// }    # of the layout
    my $context = Log::Log4perl::MDC->get_context;
    MonitoringSDK::Logging::event($self->{to}, lc($event{log4p_level} // 'info'), $event{log4p_category}, $context // {}, @parts);
    return;
}

1;
__END__

=encoding utf8

=head1 NAME

Log::Log4perl::Appender::MonitoringHub - what is logged with Log4perl, as events of a Monitoring Hub

=head1 SYNOPSIS

    log4perl.rootLogger            = INFO, Hub
    log4perl.appender.Hub          = Log::Log4perl::Appender::MonitoringHub
    log4perl.appender.Hub.source   = queue-service
    log4perl.appender.Hub.layout   = Log::Log4perl::Layout::PatternLayout
    log4perl.appender.Hub.layout.ConversionPattern = %m

or, with an SDK that the program has made:

    our $sdk = MonitoringSDK->new(source => 'queue-service');
    ...
    log4perl.appender.Hub.sdk      = sub { $main::sdk }

=head1 DESCRIPTION

Each message becomes an event. Its C<ctx> is the mapped diagnostic context (MDC) and
C<logger>, the category. It belongs to the present trace and span of the SDK. TRACE is debug; levels of one's own are
info.

For hashes in C<ctx> Log4perl has to leave messages as they are:

    log4perl.appender.Hub.layout       = Log::Log4perl::Layout::NoopLayout
    log4perl.appender.Hub.warp_message = 0

    $logger->info('Job started', { job_id => '12345' });

A message costs what C<log_event> of L<MonitoringSDK> costs, and like that does not
die and does not wait. An object that logs when it is asked for its text is heard
once; what it logs while doing so again is counted in C<dropped>.

=head1 OPTIONS

C<sdk>, or the options of C<< MonitoringSDK->new >> (C<source>, C<host>, C<port> and
so on): one SDK is made for all appenders with the same options, and closed at the end
of the process. C<< Log::Log4perl->appender_by_name('Hub')->sdk >> is the one that is
used: a program that falls silent after a burst of messages should C<flush(0)> it in
its idle loop.

Needs Log::Log4perl (Debian: C<liblog-log4perl-perl>).

=head1 LICENSE

Apache License 2.0.

=cut
