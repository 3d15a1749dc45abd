using System.Net;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.Standby;

/// <summary>What a node needs to answer access servers without its database, as it is kept in a file: lines, access servers, and the names of the pools that only the store gives from.</summary>
/// <param name="At">When the store was last seen to say just this, µs since 1970.</param>
internal sealed record LineCopy(long At, IReadOnlyList<CopiedLine> Lines, IReadOnlyList<CopiedNas> Nases, IReadOnlyList<string> Pools)
{
    public static LineCopy Of(LineSnapshot snapshot, long at, IEnumerable<string> pools) =>
        new(at, [.. snapshot.Lines.Select(CopiedLine.Of)], [.. snapshot.Nases.Select(CopiedNas.Of)], [.. pools.Order(StringComparer.Ordinal)]);

    public LineSnapshot ToSnapshot(RealmRules realms)
    {
        var builder = new LineSnapshotBuilder { TakenAt = At, Realms = realms };
        foreach (var line in Lines)
        {
            builder.TryAdd(line.ToLine());
        }

        foreach (var nas in Nases)
        {
            builder.Set(nas.ToNas());
        }

        return builder.Build();
    }
}

/// <summary>A line, with addresses as text.</summary>
internal sealed record CopiedLine(
    string Id, string TenantId, string TenantPath, string? SubscriptionId, string UserName, LinePasswordForm Form, byte[] Password, string? CircuitId, string? RemoteId, bool CircuitProves, LinePlan Plan,
    CopiedAddresses Addresses, string? SuspendedFor, IReadOnlyList<LineReply> Replies)
{
    public static CopiedLine Of(Line line) => new(
        line.LineId, line.TenantId, line.TenantPath, line.SubscriptionId, line.UserName, line.Password.Form, line.Password.Value.ToArray(), line.CircuitId, line.RemoteId, line.CircuitProves, line.Plan,
        CopiedAddresses.Of(line.Addresses), line.SuspendedFor, line.Replies);

    public Line ToLine() => new()
    {
        LineId = Id, TenantId = TenantId, TenantPath = TenantPath, SubscriptionId = SubscriptionId, UserName = UserName, Password = new LinePassword(Form, Password), CircuitId = CircuitId, RemoteId = RemoteId,
        CircuitProves = CircuitProves, Plan = Plan, Addresses = Addresses.ToAddresses(), SuspendedFor = SuspendedFor, Replies = Replies,
    };
}

/// <summary>The addresses of a line as text.</summary>
internal sealed record CopiedAddresses(
    string? V4, string? V4Netmask, string? V6, string? LinkPrefix, string? DelegatedPrefix, string? V4Pool, string? V6Pool, string? DelegatedPool, IReadOnlyList<string> Routes)
{
    public static CopiedAddresses Of(LineAddresses of) => new(
        of.V4?.ToString(), of.V4Netmask?.ToString(), of.V6?.ToString(), of.LinkPrefix?.ToString(), of.DelegatedPrefix?.ToString(), of.V4Pool, of.V6Pool, of.DelegatedPool, of.Routes);

    public LineAddresses ToAddresses() => new()
    {
        V4 = AddressOf(V4), V4Netmask = AddressOf(V4Netmask), V6 = AddressOf(V6), LinkPrefix = NetworkOf(LinkPrefix), DelegatedPrefix = NetworkOf(DelegatedPrefix), V4Pool = V4Pool, V6Pool = V6Pool,
        DelegatedPool = DelegatedPool, Routes = Routes,
    };

    private static IPAddress? AddressOf(string? text) => text is null ? null : IPAddress.Parse(text);

    private static IPNetwork? NetworkOf(string? text) => text is null ? null : IPNetwork.Parse(text);
}

/// <summary>An access server.</summary>
internal sealed record CopiedNas(
    string Id, string Name, IReadOnlyList<string> Sources, byte[] Secret, string? Certificate, NasDialect Dialect, MessageAuthenticatorRule MessageAuthenticator, string? DynamicAuthorization, string? WalledGarden, bool Accounts)
{
    public static CopiedNas Of(Nas nas) => new(
        nas.NasId, nas.Name, [.. nas.Sources.Select(static source => source.ToString())], nas.Secret.ToArray(), nas.Certificate, nas.Dialect, nas.MessageAuthenticator, nas.DynamicAuthorization?.ToString(),
        nas.WalledGarden, nas.Accounts);

    public Nas ToNas() => new()
    {
        NasId = Id, Name = Name, Sources = [.. Sources.Select(IPNetwork.Parse)], Secret = Secret, Certificate = Certificate, Dialect = Dialect, MessageAuthenticator = MessageAuthenticator,
        DynamicAuthorization = DynamicAuthorization is null ? null : IPEndPoint.Parse(DynamicAuthorization), WalledGarden = WalledGarden, Accounts = Accounts,
    };
}
