package io.monitoringhub.runtime.plugins;

/** Why a jar was refused, in one of a few words: what is counted, and what would have to change. */
public enum Refusal {
    /** It is no whole jar, no bundle, or not to be read. */
    CONTENT,
    /** Nobody whom the hub knows has signed it. */
    SIGNATURE,
    /** Another file or bundle has its symbolic name. */
    NAME,
    /** It needs what nobody provides. */
    REQUIREMENTS,
    /** Its start failed. */
    START,
    /** Its start did not end. */
    START_LIMIT,
    /** It started, but a component that worked before does not. */
    COMPONENT;

    /** Whether it is worth another try when other bundles come or go; all others need another file. */
    boolean isRetriedWithOtherBundles() {
        return this == NAME || this == REQUIREMENTS;
    }
}
