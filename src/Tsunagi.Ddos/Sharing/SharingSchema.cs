namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// The tables of sharing: ddos_share says which incident of a tenant is shared with whom, and is the tenant's to see; the others are the provider's: the objects of our collections, what
/// became of requests, how far we are with each peer, and what was received.
/// </summary>
internal static class SharingSchema
{
    public const string Step3 = """
        CREATE TABLE ddos_share (
          id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL, incident_id text NOT NULL COLLATE_BINARY, group_name text NOT NULL COLLATE_BINARY,
          tlp text NOT NULL, shows_target bigint NOT NULL, reason text NOT NULL, shared_by text NOT NULL, shared_at bigint NOT NULL, told_at bigint NOT NULL, tells_end bigint NOT NULL,
          objects bigint NOT NULL, withdrawn_at bigint, withdrawn_by text NOT NULL);
        CREATE INDEX ddos_share_tenant ON ddos_share (tenant_path, id);
        CREATE UNIQUE INDEX ddos_share_once ON ddos_share (incident_id, group_name);
        CREATE INDEX ddos_share_open ON ddos_share (id) WHERE tells_end = 0 AND withdrawn_at IS NULL;

        CREATE TABLE ddos_collection (name text PRIMARY KEY COLLATE_BINARY, last_added bigint NOT NULL);
        CREATE TABLE ddos_collection_object (
          collection text NOT NULL COLLATE_BINARY, stix_id text NOT NULL COLLATE_BINARY, version bigint NOT NULL, added_at bigint NOT NULL, type text NOT NULL, level bigint NOT NULL,
          source text NOT NULL, content text NOT NULL, PRIMARY KEY (collection, stix_id, version));
        CREATE UNIQUE INDEX ddos_collection_object_added ON ddos_collection_object (collection, added_at);
        CREATE TABLE ddos_taxii_status (id text PRIMARY KEY COLLATE_BINARY, asker text NOT NULL, at bigint NOT NULL, content text NOT NULL);
        CREATE INDEX ddos_taxii_status_at ON ddos_taxii_status (at);

        CREATE TABLE ddos_peer (
          name text PRIMARY KEY COLLATE_BINARY, tried_at bigint, ok_at bigint, problem text NOT NULL, failing_since bigint, is_told bigint NOT NULL, added_after text NOT NULL, pushed_to bigint NOT NULL,
          received bigint NOT NULL, refused bigint NOT NULL, last_refused text NOT NULL, sent bigint NOT NULL);
        CREATE TABLE ddos_foreign_incident (
          id text PRIMARY KEY COLLATE_BINARY, peer text NOT NULL COLLATE_BINARY, stix_id text NOT NULL COLLATE_BINARY, group_name text NOT NULL, tlp text NOT NULL, name text NOT NULL, description text NOT NULL,
          vector text NOT NULL, confidence bigint NOT NULL, opened_at bigint NOT NULL, closed_at bigint, peak_packets bigint NOT NULL, peak_bits bigint NOT NULL, sources bigint NOT NULL,
          victim text NOT NULL, top_ports text NOT NULL, version bigint NOT NULL, revoked bigint NOT NULL, received_at bigint NOT NULL, expires_at bigint NOT NULL);
        CREATE UNIQUE INDEX ddos_foreign_incident_once ON ddos_foreign_incident (peer, stix_id);
        CREATE TABLE ddos_foreign_source (
          peer text NOT NULL COLLATE_BINARY, stix_id text NOT NULL COLLATE_BINARY, network text NOT NULL COLLATE_BINARY, protocol text NOT NULL, port bigint NOT NULL, name text NOT NULL, confidence bigint NOT NULL,
          version bigint NOT NULL, received_at bigint NOT NULL, expires_at bigint NOT NULL, PRIMARY KEY (peer, stix_id, network, protocol, port));
        CREATE INDEX ddos_foreign_source_network ON ddos_foreign_source (network);
        CREATE INDEX ddos_foreign_source_expires ON ddos_foreign_source (expires_at);
        CREATE TABLE ddos_foreign_pattern (
          peer text NOT NULL COLLATE_BINARY, stix_id text NOT NULL COLLATE_BINARY, pattern text NOT NULL, problem text NOT NULL, name text NOT NULL, received_at bigint NOT NULL, expires_at bigint NOT NULL,
          PRIMARY KEY (peer, stix_id));
        CREATE TABLE ddos_known_source (incident_id text NOT NULL COLLATE_BINARY, peer text NOT NULL COLLATE_BINARY, at bigint NOT NULL, PRIMARY KEY (incident_id, peer));
        """;
}
