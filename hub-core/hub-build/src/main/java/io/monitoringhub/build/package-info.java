/** What bnd has to be told by code. */
package io.monitoringhub.build;
