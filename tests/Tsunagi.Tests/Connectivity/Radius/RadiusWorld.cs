using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Tests.Connectivity.Radius;

/// <summary>A node that answers RADIUS on loopback: real sockets, log and stores; lines and NASes are given to it as a snapshot.</summary>
internal sealed class RadiusWorld : IAsyncDisposable
{
    public const string Secret = "testing123";

    private LogConsumer? _consumer;

    private RadiusWorld(ConnectivityWorld world) => World = world;

    public ConnectivityWorld World { get; }

    public IPEndPoint AuthenticatesAt => World.Get<AccessServer>().EndPoints[0];

    public IPEndPoint AccountsAt => World.Get<AccountingServer>().EndPoints[0];

    public RadiusSecret Shared { get; } = new(Encoding.ASCII.GetBytes(Secret));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static ConnectivityOptions Options(Func<AuthenticateOptions, AuthenticateOptions>? authenticate = null, Func<AccountOptions, AccountOptions>? account = null)
    {
        var at = new AuthenticateOptions { Listen = ["127.0.0.1:0"], Threads = 1 };
        var on = new AccountOptions { Listen = ["127.0.0.1:0"], SegmentBytes = 1 << 20 };
        return new ConnectivityOptions { Authenticate = authenticate?.Invoke(at) ?? at, Account = account?.Invoke(on) ?? on };
    }

    public static async Task<RadiusWorld> OpenAsync(ConnectivityOptions? options = null, SqlDialect dialect = SqlDialect.Sqlite, bool hasNasOfOwn = true, IDisk? disk = null)
    {
        var world = new RadiusWorld(await ConnectivityWorld.OpenAsync(dialect, options ?? Options(), null, disk));
        await world.StartAsync(hasNasOfOwn);
        return world;
    }

    public async Task<RadiusWorld> BesideAsync(string node, ConnectivityOptions? options = null)
    {
        var world = new RadiusWorld(await World.BesideAsync(node, options ?? Options(account: own => own with { Directory = "accounting-" + node })));
        world.World.Get<LineSnapshotHolder>().Set(World.Snapshot);
        await world.StartAsync(false);
        return world;
    }

    public void Set(params Line[] lines) => Set(null, lines);

    public void Set(Func<Nas, Nas>? nas, params Line[] lines)
    {
        var builder = new LineSnapshotBuilder { Version = World.Snapshot.Version + 1 };
        var own = new Nas { NasId = "na_1", Name = "bras1", Sources = [new IPNetwork(IPAddress.Loopback, 32)], Secret = Encoding.ASCII.GetBytes(Secret) };
        builder.Set(nas?.Invoke(own) ?? own);
        foreach (var line in lines)
        {
            Assert.True(builder.TryAdd(line));
        }

        World.Get<LineSnapshotHolder>().Set(builder.Build());
    }

    public Line Line(string user, string password, string id = "") => new()
    {
        LineId = "ln_" + (id.Length > 0 ? id : user), TenantId = World.Root.Id, TenantPath = World.Root.TenantPath, SubscriptionId = "s_" + user, UserName = user, Password = LinePassword.Clear(password),
    };

    public delegate void Fill(ref RadiusWriter writer);

    /// <summary>The Access-Request's octets.</summary>
    public byte[] Access(Fill fill, bool isSigned = true, byte identifier = 1, RadiusCode code = RadiusCode.AccessRequest)
    {
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, code, identifier);
        RandomNumberGenerator.Fill(writer.Authenticator);
        if (isSigned)
        {
            writer.AddMessageAuthenticator();
        }

        fill(ref writer);
        Assert.True(writer.TryFinishAccess(Shared, out var length));
        return buffer[..length];
    }

    public byte[] Pap(string user, string password, bool isSigned = true, byte identifier = 1, string station = "") => Access(
        (ref writer) =>
        {
            writer.Add(RadiusType.UserName, user);
            Span<byte> hidden = stackalloc byte[128];
            var length = Shared.HidePassword(Encoding.UTF8.GetBytes(password), writer.Authenticator, hidden);
            writer.Add(RadiusType.UserPassword, hidden[..length]);
            writer.Add(RadiusType.CallingStationId, station);
        },
        isSigned, identifier);

    public byte[] Accounting(uint status, string session, Fill? fill = null, byte identifier = 1, string user = "joe")
    {
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, RadiusCode.AccountingRequest, identifier);
        writer.Add(RadiusType.AcctStatusType, status);
        writer.Add(RadiusType.AcctSessionId, session);
        writer.Add(RadiusType.UserName, user);
        fill?.Invoke(ref writer);
        Assert.True(writer.TryFinishSigned(Shared, out var length));
        return buffer[..length];
    }

    /// <summary>Start (1), Stop (2) or Interim (3) with its counters.</summary>
    public byte[] Report(uint status, string session, uint seconds, ulong octetsIn, ulong octetsOut, bool hasGigawords = true, byte identifier = 1, string user = "joe") => Accounting(
        status, session,
        (ref writer) =>
        {
            writer.Add(RadiusType.AcctSessionTime, seconds);
            writer.Add(RadiusType.AcctInputOctets, (uint)octetsIn);
            writer.Add(RadiusType.AcctOutputOctets, (uint)octetsOut);
            if (hasGigawords)
            {
                writer.Add(RadiusType.AcctInputGigawords, (uint)(octetsIn >> 32));
                writer.Add(RadiusType.AcctOutputGigawords, (uint)(octetsOut >> 32));
            }
        },
        identifier, user);

    /// <summary>The answer; null when none came.</summary>
    public async Task<byte[]?> AskAsync(IPEndPoint server, byte[] request, int tries = 1, double seconds = 5, bool needsMessageAuthenticator = false) =>
        (await RadiusClient.AskAsync(server, request, Shared, needsMessageAuthenticator, tries, TimeSpan.FromSeconds(seconds), TimeProvider.System, Cancel)).Answer;

    /// <summary>Answers as "AccessAccept: Session-Timeout = 60, …", Message-Authenticator and Class left out.</summary>
    public string Show(byte[]? answer, byte[] request)
    {
        if (answer is null)
        {
            return "nothing";
        }

        Assert.True(RadiusPacket.TryParse(answer, null, out var packet, out _));
        var pairs = RadiusDecoder.Decode(packet, RadiusDictionary.Standard, Shared, request.AsSpan(4, 16)).SelectMany(static pair => pair.Leaves());
        return $"{packet.Code}: {string.Join(", ", pairs.Where(static pair => pair.Name is not ("Message-Authenticator" or "Class")))}";
    }

    public async Task<string> AccessAsync(byte[] request) => Show(await AskAsync(AuthenticatesAt, request), request);

    /// <summary>Sends a record and waits until it is acknowledged.</summary>
    public async Task AccountAsync(byte[] request) => Assert.NotNull(await AskAsync(AccountsAt, request));

    /// <summary>Brings the sessions up to date with the log.</summary>
    public async Task ProjectAsync()
    {
        _consumer ??= await World.Get<SessionProjector>().TryOpenAsync(Cancel);
        while (await World.Get<SessionProjector>().ProjectAsync(_consumer!, TimeSpan.Zero, Cancel) > 0)
        {
            // There is more.
        }
    }

    public async Task<IReadOnlyList<SessionRow>> SessionsAsync() => await World.Get<SessionStore>().ListAsync(World.Operator, "", "", "", "", "", 1_000, Cancel);

    public async Task<long> MeterAsync(string meter) => await World.Stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<long>("SELECT CAST(coalesce(sum(quantity), 0) AS BIGINT) FROM meter_delta WHERE meter = @Meter", new { Meter = meter }), Cancel);

    public async ValueTask DisposeAsync()
    {
        _consumer?.Dispose();
        await World.Get<AccessServer>().StopAsync(Cancel);
        await World.Get<AccountingServer>().StopAsync(Cancel);
        await World.Get<AccountingLog>().StopAsync(Cancel);
        await World.DisposeAsync();
    }

    private async Task StartAsync(bool hasNasOfOwn)
    {
        if (hasNasOfOwn)
        {
            Set();
        }

        await World.Get<AccountingLog>().StartAsync(Cancel);
        await World.Get<AccountingServer>().StartAsync(Cancel);
        await World.Get<AccessServer>().StartAsync(Cancel);
    }
}
