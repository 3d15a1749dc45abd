namespace Tsunagi.Core.Store;

/// <summary>
/// The second wall on PostgreSQL: role <c>tsunagi_tenant</c> may only read, only tables with a <c>tenant_path</c>, and there only the rows of the
/// subtree in the setting <c>tsunagi.scope</c>. The application's own role keeps a policy that lets it do all.
/// </summary>
internal static class TenantRowSecurity
{
    public const string Role = "tsunagi_tenant";

    // Two nodes may start at once, and roles belong to the whole cluster: whoever comes second finds it there.
    private const string MakeRole = """
        DO $$
        BEGIN
            BEGIN
                IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tsunagi_tenant') THEN
                    CREATE ROLE tsunagi_tenant NOLOGIN;
                END IF;
                IF NOT pg_has_role(current_user, 'tsunagi_tenant', 'MEMBER') THEN
                    EXECUTE format('GRANT tsunagi_tenant TO %I', current_user);
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation OR internal_error THEN
                NULL;
            END;
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO tsunagi_tenant', current_schema());
        END
        $$;
        """;

    private const string TablesToGuard = """
        SELECT c.relname
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_path' AND NOT a.attisdropped
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_rows')
        ORDER BY c.relname
        """;

    public static async ValueTask<int> ApplyAsync(ISqlTransaction transaction, IReadOnlyList<string> sharedTables)
    {
        await transaction.ExecuteAsync("LOCK TABLE schema_step IN EXCLUSIVE MODE");
        await transaction.ExecuteAsync(MakeRole);
        var tables = await transaction.QueryAsync<string>(TablesToGuard);
        foreach (var table in tables)
        {
            await transaction.ExecuteAsync($"""
                ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
                ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
                CREATE POLICY own_rows ON "{table}" TO CURRENT_USER USING (true) WITH CHECK (true);
                CREATE POLICY tenant_rows ON "{table}" FOR SELECT TO {Role} USING (
                    tenant_path >= current_setting('tsunagi.scope', true)
                    AND tenant_path < left(current_setting('tsunagi.scope', true), -1) || '0');
                GRANT SELECT ON "{table}" TO {Role};
                """);
        }

        foreach (var table in sharedTables)
        {
            await transaction.ExecuteAsync($"GRANT SELECT ON \"{table}\" TO {Role}");
        }

        return tables.Count;
    }
}
