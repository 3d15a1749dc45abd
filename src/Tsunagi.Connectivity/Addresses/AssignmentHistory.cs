using System.Globalization;
using System.Net;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// Who held which address when: rows of the control store, written inside the transaction of whoever gives and takes addresses (the line book, the allocator, the projection of
/// accounting). Every row is found under its exact prefix; the table of shapes tells which lengths occur, so that "who holds this address" is one look-up for each length.
/// </summary>
internal static class AssignmentHistory
{
    private const int ToAt = 8;

    private static readonly RowStatement Rows = RowStatement.Insert(
        "connectivity_holding",
        [
            RowColumn.Text("vrf_id"), RowColumn.Text("holding_key"), RowColumn.Number("from_at"), RowColumn.Text("session"), RowColumn.Text("prefix"), RowColumn.Text("line_id"), RowColumn.Text("tenant_id"),
            RowColumn.Text("tenant_path"), RowColumn.Number("to_at"), RowColumn.Text("node"), RowColumn.Number("first_port"), RowColumn.Number("last_port"),
        ],
        "ON CONFLICT (vrf_id, holding_key, from_at, session) DO UPDATE SET to_at = excluded.to_at WHERE connectivity_holding.to_at IS NULL AND excluded.to_at IS NOT NULL");

    private static readonly RowStatement Ends = RowStatement.Update(
        "connectivity_holding",
        [RowColumn.Text("vrf_id"), RowColumn.Text("holding_key"), RowColumn.Text("session"), RowColumn.Text("line_id"), RowColumn.Number("until")],
        "to_at = CASE WHEN from_at > given.until THEN from_at ELSE given.until END",
        "connectivity_holding.vrf_id = given.vrf_id AND connectivity_holding.holding_key = given.holding_key AND connectivity_holding.session = given.session AND connectivity_holding.line_id = given.line_id"
        + " AND connectivity_holding.to_at IS NULL");

    /// <summary>
    /// Begins (or, with an end, records whole) holdings. The same one again changes nothing, but that one without an end is given it: prefix, beginning and session are its identity.
    /// </summary>
    /// <param name="shapes">What its owner knows to be in the table of shapes already.</param>
    /// <exception cref="ArgumentException">A block of ports that is not aligned to its size, a power of two.</exception>
    public static async ValueTask OpenAsync(ISqlTransaction transaction, IReadOnlyList<Holding> holdings, HoldingShapes? shapes = null)
    {
        var rows = new List<object?[]>(holdings.Count);
        var byIdentity = new Dictionary<(string Vrf, string Key, long From, string Session), object?[]>(holdings.Count);
        shapes ??= new HoldingShapes();
        foreach (var holding in holdings)
        {
            var block = AddressBlock.From(holding.Prefix);
            var ports = holding.LastPort - holding.FirstPort + 1;
            if (ports < 1 || (ports & (ports - 1)) != 0 || holding.FirstPort % ports != 0 || holding.LastPort > 65_535)
            {
                throw new ArgumentException($"ports {holding.FirstPort} to {holding.LastPort} of {holding.Prefix} are no aligned block", nameof(holdings));
            }

            shapes.Note(holding.VrfId, block.Is6, block.Length, ports);
            var key = KeyOf(block, holding.FirstPort, ports);
            if (byIdentity.TryGetValue((holding.VrfId, key, holding.FromMicros, holding.Session), out var known))
            {
                known[ToAt] ??= holding.ToMicros;
                continue;
            }

            object?[] row =
            [
                holding.VrfId, key, holding.FromMicros, holding.Session, block.ToString(), holding.LineId, holding.TenantId, holding.TenantPath, holding.ToMicros, holding.Node, (long)holding.FirstPort,
                (long)holding.LastPort,
            ];
            byIdentity.Add((holding.VrfId, key, holding.FromMicros, holding.Session), row);
            rows.Add(row);
        }

        await transaction.WriteRowsAsync(Rows, rows);
        await shapes.WriteAsync(transaction);
    }

    /// <summary>Ends what a session (or, with an empty one, the line itself) holds of this prefix. Never before it began; ending it again changes nothing.</summary>
    public static async ValueTask CloseAsync(ISqlTransaction transaction, string vrfId, IPNetwork prefix, string lineId, string session, long toMicros, int firstPort = 0, int lastPort = 65_535) =>
        await transaction.WriteRowsAsync(Ends, [[vrfId, KeyOf(AddressBlock.From(prefix), firstPort, lastPort - firstPort + 1), session, lineId, toMicros]]);

    /// <summary>Ends many at once, whole addresses and prefixes; no two of them are the same prefix of the same session.</summary>
    public static async ValueTask CloseAsync(ISqlTransaction transaction, IReadOnlyList<(string VrfId, IPNetwork Prefix, string LineId, string Session, long ToMicros)> ended) =>
        await transaction.WriteRowsAsync(Ends, [.. ended.Select(static each => (object?[])[each.VrfId, KeyOf(AddressBlock.From(each.Prefix), 0, 65_536), each.Session, each.LineId, each.ToMicros])]);

    internal static string KeyOf(AddressBlock block, int firstPort, int ports) => ports == 65_536 ? block.Key : string.Create(CultureInfo.InvariantCulture, $"{block.Key}:{firstPort:x4}+{ports}");
}
