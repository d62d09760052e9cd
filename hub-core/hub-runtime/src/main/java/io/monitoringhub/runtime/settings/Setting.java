package io.monitoringhub.runtime.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says what a record's component is in the configuration file; its key is the component's name in small letters with underscores. What is
 * said here is what is checked, what is filled in, and what the JSON Schema and {@code hub:config show} tell.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

    /** One sentence for people. */
    String says();

    /** The key, where it can't be made of the component's name. */
    String key() default "";

    /** What holds where nobody says anything, written as in the file; empty for none. */
    String standard() default "";

    /** The least value, written as in the file. */
    String least() default "";

    /** The largest value, written as in the file. */
    String most() default "";

    /** Tells whether the file can't do without. */
    boolean required() default false;

    /** Tells whether the value is to be shown to nobody. */
    boolean secret() default false;

    /** Tells whether a change takes effect with the next start only. */
    boolean restart() default false;
}
