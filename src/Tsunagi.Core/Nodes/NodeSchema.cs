using Tsunagi.Core.Store;

namespace Tsunagi.Core.Nodes;

/// <summary>The table of nodes, in the control store: one row a node, written by itself.</summary>
public static class NodeSchema
{
    public static readonly SchemaPart Part = new("node", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE node (
              name TEXT PRIMARY KEY, boot TEXT NOT NULL, version TEXT NOT NULL, modules TEXT NOT NULL, reasons TEXT NOT NULL,
              started_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, stopped_at INTEGER);
            """),
    ]);
}
