/** Faults on purpose: rounds of load with a fault in each, and a comparison of what was acknowledged with what the backends' files hold. */
package io.monitoringhub.distribution.faults;
