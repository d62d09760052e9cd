package io.monitoringhub.plugin.http.body;

/** What a body says it is. */
public enum BodyForm {
    /** One JSON object a line. */
    LINES,
    /** An array, {@code {"events":[..]}}, or values one after the other, with white space where its writer likes it. */
    DOCUMENT,
    /** It does not say: an array or {@code {"events":[..]}} are documents, all else is lines. */
    ANY
}
