package io.monitoringhub.checks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may know whom, and what no class does. Looks at the classes of all modules, not at their tests. */
class ArchitectureTest {

    private static final String HUB = "io.monitoringhub.";
    private static final String ACTIVATE = "org.osgi.service.component.annotations.Activate";
    private static final Set<String> COMPONENT_TYPES = Set.of(HUB + "spi.backend.Backend", HUB + "spi.transport.Transport");

    /** What transports embed, each its own copy. It knows none of them. */
    private static final String PLUGIN_LIBRARY = HUB + "plugin.stream..";

    /** Layers that need not have a class yet. A rule about nothing fails otherwise. */
    private static final Set<String> MAY_BE_ABSENT = Set.of("sdk");

    /** The whole picture: a layer may use itself, the JDK, OSGi's marker annotations (they are gone at run time) and what its line says. */
    private static final List<Layer> LAYERS = List.of(
            new Layer("protocol", "com.fasterxml.jackson.core.."),
            new Layer("spi"),
            new Layer("log"),
            new Layer("entries", HUB + "spi.."),
            new Layer("ingest", HUB + "spi..", HUB + "protocol..", HUB + "entries..", HUB + "log", "com.fasterxml.jackson.core..", "org.slf4j.."),
            new Layer("delivery", HUB + "spi..", HUB + "entries..", HUB + "log", "com.fasterxml.jackson.core..", "com.google.re2j..", "org.slf4j.."),
            new Layer("correlation", HUB + "spi..", HUB + "entries..", HUB + "log", "com.fasterxml.jackson.core..", "org.slf4j.."),
            new Layer("runtime", HUB + "spi..", HUB + "protocol..", HUB + "entries..", HUB + "log", HUB + "log.segmented..", HUB + "ingest..",
                    HUB + "delivery..", HUB + "correlation..", "org.osgi..", "org.apache.felix..", "org.apache.commons..", "com.fasterxml.jackson..",
                    "org.yaml.snakeyaml..", "jakarta.servlet..", "io.prometheus..", "org.slf4j..", "jdk.net..", "javax.security.auth.x500..", HUB + "command.."),
            new Layer("command"),
            new Layer("launcher", HUB + "command..", HUB + "log.segmented..", "org.osgi.service.log..", "ch.qos.logback.classic..",
                    "org.osgi.framework..", "org.apache.felix.framework..", "org.slf4j..",
                    "sun.misc.."),
            new Layer("testkit", HUB + "spi..", HUB + "ingest.listening..", "org.junit.jupiter..", "org.assertj.."),
            new Layer("testservers", "org.junit.jupiter.api..", "javax.crypto..", "javax.net.ssl..", "org.tukaani.xz.."),
            new Layer("build", "aQute.bnd..", "org.w3c.dom..", "javax.xml.."),
            new Layer("benchmarks"),
            new Layer("sdk", "javax.net.ssl..", "ch.qos.logback..", "org.slf4j..", "org.apache.logging.log4j..", "software.amazon.awssdk.."));

    private static JavaClasses all;

    @BeforeAll
    static void readsTheClassesOfAllModules() {
        List<Path> folders = Reactor.current().javaModules().stream().map(Reactor.Module::classes).toList();
        assertThat(folders).as("compiled modules; build them with 'mvn package -DskipTests'").allMatch(Files::isDirectory);
        all = new ClassFileImporter().importPaths(folders);
    }

    static Stream<Layer> layers() {
        return LAYERS.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void aLayerKnowsOnlyWhatItsLineSays(Layer layer) {
        classes().that().resideInAPackage(layer.packages()).should().onlyDependOnClassesThat().resideInAnyPackage(layer.mayKnow())
                .because("that is its line in ArchitectureTest.LAYERS").allowEmptyShould(MAY_BE_ABSENT.contains(layer.name())).check(all);
    }

    @Test
    void everyClassIsInOneOfTheLayersOrAPlugin() {
        String[] known = Stream.concat(LAYERS.stream().map(Layer::packages), Stream.of(HUB + "plugin.*..")).toArray(String[]::new);
        classes().should().resideInAnyPackage(known).because("no rule looks elsewhere").check(all);
    }

    @Test
    void pluginsKnowOfTheHubOnlyTheSpi() {
        noClasses().that().resideInAPackage(HUB + "plugin..").should().dependOnClassesThat(
                in("the hub, but not in the SPI", "io.monitoringhub..", HUB + "spi..", HUB + "plugin.."))
                .because("the SPI is all that stays compatible").check(all);
    }

    @Test
    void pluginsKnowOfOsgiOnlyAnnotations() {
        noClasses().that().resideInAPackage(HUB + "plugin..").should().dependOnClassesThat(
                in("OSGi, but not an annotation", "org.osgi..", "org.osgi.annotation..", "org.osgi.service.component.annotations..",
                        "org.osgi.service.metatype.annotations.."))
                .orShould().dependOnClassesThat().resideInAPackage("org.apache.felix..").check(all);
    }

    @Test
    void noPluginKnowsAnother() {
        slices().matching(HUB + "plugin.(*)..").should().notDependOnEachOther()
                .ignoreDependency(JavaClass.Predicates.resideOutsideOfPackage(PLUGIN_LIBRARY), JavaClass.Predicates.resideInAPackage(PLUGIN_LIBRARY))
                .because("each is replaced alone").check(all);
    }

    @Test
    void noCycleBetweenModules() {
        slices().matching(HUB + "(*)..").should().beFreeOfCycles().check(all);
    }

    @Test
    void noCycleBetweenPackages() {
        slices().matching(HUB + "(**)").should().beFreeOfCycles().check(all);
    }

    @Test
    void onlyRuntimeAndLauncherKnowTheLogsFiles() {
        noClasses().that().resideOutsideOfPackages(HUB + "log..", HUB + "runtime..", HUB + "launcher..").should().dependOnClassesThat()
                .resideInAnyPackage(HUB + "log.segmented..", HUB + "log.files..")
                .because("the same hub must be able to run on another log").check(all);
    }

    @Test
    void onlyCommandsAndToolsPrint() {
        DescribedPredicate<JavaClass> tools = JavaClass.Predicates.resideInAnyPackage(HUB + "launcher..", HUB + "benchmarks..",
                HUB + "runtime.shell..", HUB + "runtime.commands..");
        DescribedPredicate<JavaClass> commands = DescribedPredicate.describe("commands",
                type -> type.getPackageName().startsWith(HUB + "runtime.") && outermost(type).getSimpleName().matches(".*Commands?"));
        noClasses().that(DescribedPredicate.not(tools.or(commands))).should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
                .because("everything else logs").check(all);
    }

    @Test
    void nobodyPrintsStackTraces() {
        nobody("prints a stack trace: log the exception, or say what happened in one line", Map.of(),
                access -> access.getTarget().getName().equals("printStackTrace")
                        && access.getTargetOwner().isAssignableTo(Throwable.class));
    }

    @Test
    void nobodyUsesJavaUtilLogging() {
        noClasses().that().resideOutsideOfPackage(HUB + "sdk.jul..").should().dependOnClassesThat().resideInAPackage("java.util.logging..").because("SLF4J is what reaches the hub's log").check(all);
    }

    @Test
    void nobodySleeps() {
        nobody("sleeps: wait for what is to happen, with a deadline", Map.of(
                HUB + "launcher.HubLock", "waits for a lock of another process; the JDK has no timed FileChannel.lock",
                HUB + "launcher.Readiness", "waits for a file of another process; a WatchService polls too, and is late on some file systems",
                HUB + "launcher.RunningHub", "waits for the end of a process that is not its child and may stay a zombie; nothing tells it"),
                access -> access.getTarget().getName().equals("sleep")
                        && Set.of("java.lang.Thread", "java.util.concurrent.TimeUnit").contains(access.getTargetOwner().getName()));
    }

    @Test
    void timeComesFromAClock() {
        nobody("reads the system's time: take a java.time.Clock (for durations a LongSupplier of nanoseconds)", Map.of(
                HUB + "runtime.engine.HubEngine", "makes the clock that all the others are given",
                HUB + "runtime.plugins.PluginInstaller", "a component that SCR makes before there is an engine: makes its own clock",
                HUB + "plugin.spool.SpoolTransport", "compares with what the file system's clock has dated: makes the clock that its others are given",
                HUB + "benchmarks.Report", "dates itself",
                HUB + "sdk.MonitoringSdk", "what an application says bears the time of the application's machine",
                HUB + "sdk.Messages", "as MonitoringSdk",
                HUB + "sdk.Traces", "as MonitoringSdk",
                HUB + "sdk.SdkBuilder", "makes the clock by which direct mode dates batches",
                HUB + "sdk.direct.FilesystemBackend", "the default of the clock that its tests replace",
                HUB + "benchmarks.load.LoadGenerator", "the default of clocks that its tests replace"),
                ArchitectureTest::readsTheSystemsTime);
    }

    private static boolean readsTheSystemsTime(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getName();
        String name = access.getTarget().getName();
        if (owner.equals("java.lang.System")) {
            return name.equals("currentTimeMillis");
        }
        if (owner.equals("java.time.Clock")) {
            return name.startsWith("system") || name.startsWith("tick") && !takesAClock(access);
        }
        if (owner.equals("java.util.Date")) {
            return name.equals("<init>") && parameters(access).isEmpty();
        }
        return owner.startsWith("java.time.") && name.equals("now") && !takesAClock(access);
    }

    private static boolean takesAClock(JavaAccess<?> access) {
        return parameters(access).stream().anyMatch(type -> type.getName().equals("java.time.Clock"));
    }

    private static List<JavaClass> parameters(JavaAccess<?> access) {
        return access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget target
                ? target.getRawParameterTypes() : List.of();
    }

    @Test
    void noStaticFieldChanges() {
        fields().that().areStatic().should().beFinal().because("there are no singletons and no static registries").check(all);
    }

    @Test
    void noPublicConstantCanBeWrittenInto() {
        fields().that().areStatic().and().arePublic().should(new ArchCondition<JavaField>("not be arrays") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                events.add(new SimpleConditionEvent(field, !field.getRawType().isArray(), field.getFullName() + " is an array"));
            }
        }).check(all);
    }

    @Test
    void pluginComponentsAreMadeByAPublicConstructorWithActivate() {
        classes().that(areComponents()).should(new ArchCondition<>("have one constructor with @Activate, public, that takes the"
                + " configuration") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                List<JavaConstructor> activated = type.getConstructors().stream().filter(made -> made.isAnnotatedWith(ACTIVATE)).toList();
                boolean good = activated.size() == 1 && activated.get(0).getModifiers().contains(JavaModifier.PUBLIC)
                        && activated.get(0).getRawParameterTypes().stream().anyMatch(JavaClass::isAnnotation);
                events.add(new SimpleConditionEvent(type, good, type.getName() + " has " + activated + " in " + type.getSourceCodeLocation()));
            }
        }).check(all);
    }

    /** {@code Optional.empty()} and the like: the value of a field, nothing that can fail. */
    private static boolean isEmptyValue(JavaMethodCall call) {
        return call.getTargetOwner().getPackageName().equals("java.util") && Set.of("empty", "of").contains(call.getTarget().getName())
                && call.getTarget().getRawParameterTypes().isEmpty();
    }

    @Test
    void constructorsOfPluginComponentsOnlyStore() {
        constructors().that().areDeclaredInClassesThat(areComponents()).should(new ArchCondition<>("call no method") {
            @Override
            public void check(JavaConstructor constructor, ConditionEvents events) {
                constructor.getMethodCallsFromSelf().stream().filter(call -> !isEmptyValue(call)).forEach(call -> events.add(SimpleConditionEvent.violated(call, call.getDescription())));
            }
        }).because("one that fails leaves its service registered and confuses the host; open() is for looking at the configuration").check(all);
    }

    private static DescribedPredicate<JavaClass> areComponents() {
        return DescribedPredicate.describe("are backends or transports of plugins", type -> type.getPackageName().startsWith(HUB + "plugin.")
                && !type.isInterface() && !type.getModifiers().contains(JavaModifier.ABSTRACT)
                && COMPONENT_TYPES.stream().anyMatch(type::isAssignableTo));
    }

    @Test
    void namesSayWhatAClassIs() {
        noClasses().should().haveNameMatching("(.*[.$])?(\\w*(Impl|Managers?|Helpers?|Utils?|Utilities)|(Abstract|Base)[A-Z]\\w*)")
                .because("such a name fits any class: name its one job").check(all);
    }

    /** Fails with file and line for each access that is not excepted, and for each exception that nobody needs any more. */
    private static void nobody(String does, Map<String, String> butWithReason, Predicate<JavaAccess<?>> accesses) {
        Map<String, Boolean> needed = new TreeMap<>();
        butWithReason.keySet().forEach(name -> needed.put(name, false));
        List<String> found = new ArrayList<>();
        for (JavaClass type : all) {
            for (JavaAccess<?> access : type.getAccessesFromSelf()) {
                if (accesses.test(access) && needed.replace(outermost(type).getName(), true) == null) {
                    found.add(type.getName() + " " + does + " " + access.getSourceCodeLocation());
                }
            }
        }
        needed.forEach((name, is) -> {
            if (!is) {
                found.add("the exception for " + name + " is no longer needed: take it out of ArchitectureTest");
            }
        });
        assertThat(found).isEmpty();
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type);
    }

    private static DescribedPredicate<JavaClass> in(String description, String packages, String... but) {
        return JavaClass.Predicates.resideInAPackage(packages).and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(but)))
                .as("are in " + description);
    }

    /** A module's packages and what they may know. */
    private record Layer(String name, String... others) {

        String packages() {
            return HUB + name + "..";
        }

        String[] mayKnow() {
            // "" is the package of primitive arrays.
            return Stream.concat(Stream.of(packages(), "java..", "org.osgi.annotation..", ""), Stream.of(others)).toArray(String[]::new);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
