using System.Globalization;
using System.Net;
using System.Text.Json;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// Who held an address at a moment, for orders of courts and complaints of abuse. (1) The question needs a purpose and is written into the audit before anything is read; (2) for each length of
/// prefix that occurs in the table it is one look-up of the exact prefix around the address; (3) whatever overlaps the asked moment, widened by the tolerance of the asker's clock, is told with the
/// node whose clock recorded it; (4) what was told is kept beside the question.
/// </summary>
internal sealed class HolderDesk(Stores stores, AuditTrail audit, AddressOptions options, TimeProvider time)
{
    private const int MostHolders = 100;

    public static readonly TenantQuery OfLine = new("connectivity.holding.of-line", """
        SELECT h.prefix, h.line_id, '' AS user_name, h.tenant_id, '' AS tenant_name, h.session, h.from_at, h.to_at, h.node, h.first_port, h.last_port
        FROM connectivity_holding h WHERE {tenant:h} AND h.line_id = @Line ORDER BY h.from_at DESC, h.prefix LIMIT @Limit
        """);

    public async ValueTask<Outcome<HolderAnswer>> AskAsync(Caller caller, HolderQuestion question, CancellationToken cancellationToken)
    {
        if (Check(caller, question, out var address) is { } refusal)
        {
            return refusal;
        }

        // (1)
        var vrf = question.VrfId ?? Vrf.Global;
        var at = UnixMicros.From(question.At);
        await audit.RecordReadAsync(
            caller, "connectivity.holder.asked", string.Create(CultureInfo.InvariantCulture, $"{address}{(question.Port is { } port ? $":{port}" : "")} {question.At:O}"), caller.Scope.Path,
            question.Purpose.Trim(), cancellationToken);

        // (2)
        var tolerance = (question.ToleranceSeconds ?? options.ToleranceSeconds) * UnixMicros.PerSecond;
        var answer = await FindAsync(vrf, address, question.Port, at - tolerance, at + tolerance + 1, cancellationToken);

        // (4)
        var kept = new AskedHolder(Id.New("wq", time), caller.Scope.Path, caller.ActorName, time.NowMicros(), question.Purpose.Trim(), address.ToString(), JsonSerializer.Serialize(answer));
        await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "INSERT INTO connectivity_question (id, tenant_path, asked_by, asked_at, purpose, address, answer) VALUES (@Id, @TenantPath, @AskedBy, @AskedAt, @Purpose, @Address, @Answer)", kept),
            cancellationToken);
        return answer with { Question = kept.Id };
    }

    /// <summary>A question that was asked; to everyone but the provider's operators there are none.</summary>
    public async ValueTask<AskedHolder?> FindQuestionAsync(Caller caller, string id, CancellationToken cancellationToken) => !caller.IsOperator ? null : await stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<AskedHolder>("SELECT id, tenant_path, asked_by, asked_at, purpose, address, answer FROM connectivity_question WHERE id = @Id", new { Id = id }), cancellationToken);

    public async ValueTask<IReadOnlyList<AskedHolder>> QuestionsAsync(Caller caller, string before, int limit, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync(
        reader => reader.QueryAsync<AskedHolder>(
            "SELECT id, tenant_path, asked_by, asked_at, purpose, address, answer FROM connectivity_question WHERE id < @Before ORDER BY id DESC LIMIT @Limit",
            new { Before = before.Length == 0 ? "~" : before, Limit = (long)limit }),
        cancellationToken);

    /// <summary>What a line held and holds, newest first: its own page, its tenant's to see.</summary>
    public async ValueTask<IReadOnlyList<Holder>> OfLineAsync(Caller caller, string line, int limit, CancellationToken cancellationToken) =>
        [.. (await new TenantStore(stores.Control, caller.Scope).QueryAsync<Row>(OfLine, new { Line = line, Limit = (long)limit }, cancellationToken)).Select(static row => row.ToHolder(row.FromAt, row.FromAt))];

    internal async ValueTask<HolderAnswer> FindAsync(string vrf, IPAddress address, int? port, long from, long until, CancellationToken cancellationToken)
    {
        var block = AddressBlock.Of(address);
        var shapes = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Shape>(
                "SELECT length, ports FROM connectivity_holding_shape WHERE vrf_id = @Vrf AND is6 = @Is6 ORDER BY length, ports", new { Vrf = vrf, Is6 = block.Is6 ? 1L : 0L }),
            cancellationToken);
        var keys = shapes.Where(shape => shape.Ports == 65_536 || port is not null)
            .Select(shape => AssignmentHistory.KeyOf(block.At((int)shape.Length), port is { } number ? number / (int)shape.Ports * (int)shape.Ports : 0, (int)shape.Ports)).ToArray();

        // (3)
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                """
                SELECT h.prefix, h.line_id, l.user_name, h.tenant_id, t.name AS tenant_name, h.session, h.from_at, h.to_at, h.node, h.first_port, h.last_port
                FROM connectivity_holding h LEFT JOIN connectivity_line l ON l.id = h.line_id LEFT JOIN tenant t ON t.id = h.tenant_id
                WHERE h.vrf_id = @Vrf AND h.holding_key IN @Keys AND h.from_at < @Until AND (h.to_at IS NULL OR h.to_at > @From)
                ORDER BY h.from_at DESC, h.prefix, h.session LIMIT @Limit
                """,
                new { Vrf = vrf, Keys = keys, From = from, Until = until, Limit = (long)MostHolders }),
            cancellationToken);
        return new HolderAnswer(address.ToString(), port, from, until, port is null && shapes.Any(static shape => shape.Ports < 65_536), [.. rows.Select(row => row.ToHolder(from, until))]);
    }

    private static Refusal? Check(Caller caller, HolderQuestion question, out IPAddress address)
    {
        address = IPAddress.None;
        if (PrefixBook.NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        if (question.Purpose.Trim() is not { Length: >= 10 and <= 500 })
        {
            return Refusal.Invalid("connectivity.holder.purpose", "purpose", "the purpose is missing or says too little", "10 to 500 characters: the number of the order or case");
        }

        if (!AddressBlock.TryParse(question.Address, out var block) || block.Length != block.Width)
        {
            return Refusal.Invalid("connectivity.holder.address", "address", $"\"{question.Address}\" is no single address", "such as 192.0.2.1 or 2001:db8::1");
        }

        address = block.Address;
        return null;
    }

    private sealed record Shape(long Length, long Ports);

    private sealed record Row(
        string Prefix, string LineId, string? UserName, string TenantId, string? TenantName, string Session, long FromAt, long? ToAt, string Node, int FirstPort, int LastPort)
    {
        public Holder ToHolder(long from, long until) => new(
            Prefix, LineId, Some(UserName), TenantId, Some(TenantName), Some(Session), FromAt, ToAt, Node, FirstPort == 0 && LastPort == 65_535 ? null : FirstPort, FirstPort == 0 && LastPort == 65_535 ? null : LastPort,
            FromAt <= from && (ToAt is null || ToAt >= until));

        private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
    }
}
