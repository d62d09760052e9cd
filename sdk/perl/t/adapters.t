# Log::Any and Log4perl, where they are installed: messages become events, nothing dies, nothing logs without end.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use FakeHub;
use MonitoringSDK;
use Test::More;

my $hub = FakeHub->new->up;
delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my @to  = (source => 'adapters', port => $hub->port, spool => 0, welcome_timeout => 20);

# An object that logs with this code when it is asked for its text.
{
    package Talker;
    use overload '""' => sub { my ($self) = @_; $self->{asked}++; $self->{log}->($self); return 'talker' }, fallback => 1;
}

# A hash that can't be read.
{
    package Dying;
    sub TIEHASH { return bless {}, shift }
    sub FIRSTKEY { die "unreadable\n" }
}

# The events that $code makes, as [level, message, context].
sub events {
    my ($sdk, $code) = @_;
    $sdk->flush(20);
    my $before = @{ $hub->messages };
    $code->();
    ok $sdk->flush(20), 'the hub has them';
    my @messages = @{ $hub->messages };
    return [ map { [ @{ $_->{data} }{qw(level msg ctx)} ] } @messages[ $before .. $#messages ] ];
}

ok !$INC{'Log/Any.pm'} && !$INC{'Log/Log4perl.pm'}, 'the SDK itself loads neither';

SKIP: {
    skip 'no Log::Any', 19 unless eval { require Log::Any; require Log::Any::Adapter; 1 };
    my $sdk = MonitoringSDK->new(@to);
    Log::Any::Adapter->set('MonitoringHub', sdk => $sdk);
    my $log = Log::Any->get_logger(category => 'My::App');
    my $at  = { logger => 'My::App' };
    is_deeply events($sdk, sub { $log->$_("a $_") for Log::Any::Adapter::Util::logging_methods() }),
        [ map { [ $_->[1], "a $_->[0]", $at ] } [ trace => 'debug' ], [ debug => 'debug' ], [ info => 'info' ], [ notice => 'info' ], [ warning => 'warn' ],
            [ error => 'error' ], [ critical => 'fatal' ], [ alert => 'fatal' ], [ emergency => 'fatal' ] ], 'every level of Log::Any';
    $log->context->{order} = 17;
    is_deeply events($sdk, sub { $log->info('begun', [ 1, undef ], { job => { id => 'j' } }); $log->infof('%d rows of %s', 3, { a => 1 }) }),
        [ [ 'info', 'begun [1, undef]', { order => 17, job => { id => 'j' }, logger => 'My::App' } ],
        [ 'info', '3 rows of {a => 1}', { order => 17, logger => 'My::App' } ] ], 'hashes and the context of Log::Any are context';
    delete $log->context->{order};
    my $span = $sdk->start_span('s');
    events($sdk, sub { $log->error('within') });
    is $hub->messages->[-1]{sid}, $span, 'a message belongs to the present span';
    $sdk->end_span($span);

    my $talker = bless { log => sub { $log->warn('heard', { talker => $_[0] }) } }, 'Talker';
    my $said = events($sdk, sub { local $@ = 'as it was'; $log->info('talk', { talker => $talker }); is $@, 'as it was', '$@ stays' });
    is_deeply [ sort map { $_->[1] } @$said ], [ 'heard', 'talk' ], 'an object that logs in its own text does not go on for ever';
    tie my %tied, 'Dying';
    is_deeply events($sdk, sub { $log->info([ 'list' ], bless({}, 'Some::Class')); MonitoringSDK::Logging::event($sdk, 'info', 'c', {}, 't', \%tied) }),
        [ [ 'info', '[list] [Some::Class]', $at ], [ 'info', 't', { logger => 'c' } ] ], 'odd values have a text, and a hash that dies is left out';
    my $dying = bless { log => sub { die "no text\n" } }, 'Talker';
    is scalar @{ events($sdk, sub { $log->info('object', { dying => $dying }); $log->info('next') }) }, 2, 'an object without a text does no harm';

    Log::Any::Adapter->set('MonitoringHub', @to, source => 'own', log_level => 'warning', no_such_option => 1);
    ok !$log->is_info && $log->is_warn, 'log_level';
    my $count = @{ $hub->hellos };
    my $text = $log->info('below');    # who wants the text is given it, whatever the level
    is $text, 'below', 'a text for the caller';
    Log::Any->get_logger(category => $_)->error('by options') for qw(One Two Three);
    ok $log->adapter->sdk->flush(20), 'its own SDK';
    is scalar(grep { $_->{src} eq 'own' } @{ $hub->messages }), 3, 'an adapter that makes its own SDK';
    is @{ $hub->hellos } - $count, 1, 'has one connection for all categories';
    ok !grep({ ($_->{data}{msg} // '') eq 'below' } @{ $hub->messages }), 'what is below the level is left out';
    $sdk->close;
}

SKIP: {
    skip 'no Log::Log4perl', 10 unless eval { require Log::Log4perl; 1 };
    our $sdk = MonitoringSDK->new(@to);
    my $port = $hub->port;
    my $configuration = <<"END";
log4perl.rootLogger = TRACE, Hub
log4perl.appender.Hub = Log::Log4perl::Appender::MonitoringHub
log4perl.appender.Hub.sdk = sub { \$main::sdk }
log4perl.appender.Hub.layout = Log::Log4perl::Layout::PatternLayout
log4perl.appender.Hub.layout.ConversionPattern = %m%n
END
    Log::Log4perl->init(\$configuration);
    my $log = Log::Log4perl->get_logger('My.App');
    Log::Log4perl::MDC->put(order => 18);
    my $at = { logger => 'My.App', order => 18 };
    is_deeply events($sdk, sub { $log->$_("a $_") for qw(trace debug info warn error fatal) }),
        [ map { [ $_ eq 'trace' ? 'debug' : $_, "a $_", $at ] } qw(trace debug info warn error fatal) ], 'every level of Log4perl, with its MDC';
    Log::Log4perl::MDC->remove;

    (my $whole = $configuration) =~ s/^.*layout.*\n//mg;
    $whole .= "log4perl.appender.Hub.layout = Log::Log4perl::Layout::NoopLayout\nlog4perl.appender.Hub.warp_message = 0\n";
    Log::Log4perl->init(\$whole);
    is_deeply events($sdk, sub { Log::Log4perl->get_logger('My.App')->info('begun', { job => 'j' }) }),
        [ [ 'info', 'begun', { logger => 'My.App', job => 'j' } ] ], 'hashes are context where Log4perl leaves them';
    my $talker = bless { log => sub { Log::Log4perl->get_logger('My.App')->warn('heard', { talker => $_[0] }) } }, 'Talker';
    my $said = events($sdk, sub { Log::Log4perl->get_logger('My.App')->info('talk', { talker => $talker }) });
    is_deeply [ sort map { $_->[1] } @$said ], [ 'heard', 'talk' ], 'an object that logs in its own text does not go on for ever';
    (my $own = $configuration) =~ s/^.*sdk =.*$/log4perl.appender.Hub.source = four\nlog4perl.appender.Hub.port = $port\nlog4perl.appender.Hub.spool = 0/m;
    for (1, 2) {
        Log::Log4perl->init(\$own);
        Log::Log4perl->get_logger('My.App')->info('by options');
    }
    ok(Log::Log4perl->appender_by_name('Hub')->sdk->flush(20), 'its own SDK');
    is scalar(grep { $_->{src} eq 'four' } @{ $hub->messages }), 2, 'an appender that makes its own SDK, also when it is configured again';
    is scalar(grep { $_->{line} =~ /"src":"four"/ } @{ $hub->hellos }), 1, 'has one connection';
    $hub->down;
    ok eval { Log::Log4perl->get_logger('My.App')->info($_) for 1 .. 2_000; 1 }, 'nothing dies with the hub away';
    $sdk->close;
}

done_testing;
