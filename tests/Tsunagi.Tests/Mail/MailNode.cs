using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Events;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail;

/// <summary>The mail module alone on one node: real listener, spool, scheduler and stores; contracts are given by the test.</summary>
internal sealed class MailNode : IAsyncDisposable
{
    private readonly TemporaryDirectory? _own;
    private readonly string _directory;
    private readonly WebApplication _application;
    private readonly Dictionary<string, DesiredRecord> _records = [];
    private readonly Dictionary<string, string> _proved = new(StringComparer.OrdinalIgnoreCase);
    private long _revision;

    private MailNode(WebApplication application, Stores stores, string directory, TemporaryDirectory? own)
    {
        _directory = directory;
        _application = application;
        Stores = stores;
        _own = own;
    }

    public Stores Stores { get; }

    public IServiceProvider Services => _application.Services;

    public int Port => Services.GetRequiredService<MailListener>().EndPoints[0].Port;

    public DeliveryScheduler Scheduler => Services.GetRequiredService<DeliveryScheduler>();

    public static async Task<MailNode> StartAsync(
        Func<MailOptions, MailOptions>? options = null, string? directory = null, TimeProvider? time = null, IDisk? disk = null, bool fit = true, bool tls = false, string? mayDial = "127.0.0.0/8",
        Tsunagi.Protocols.Mail.Lookup.IMailDns? dns = null, TimeSpan? storeDeadline = null,
        Tsunagi.Protocols.Mail.Route.IRouteDns? routes = null)
    {
        var own = directory is null ? new TemporaryDirectory() : null;
        directory ??= own!.Path;
        var cancel = CancellationToken.None;
        var clock = time ?? TimeProvider.System;
        var module = new MailModule();
        var stores = await ReadyTables.OpenAsync(
            new StoreOptions { Directory = directory, Deadline = storeDeadline ?? TimeSpan.FromSeconds(10) },
            [CoreSchema.Control, CoreSchema.Projections, AuditTrail.Schema, SecretBox.Schema, LeaseSchema.Control, LeaseSchema.Projections, .. module.Describe().Schema]);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton(stores);
        builder.Services.AddSingleton(Node.Open(directory, "test", clock));
        builder.Services.AddSingleton(new PublicAddress("https://console.test"));
        builder.Services.AddSingleton(new EventCatalogue(module.Describe().Events));
        builder.Services.AddSingleton<EventSignal>();
        builder.Services.AddSingleton(new OutboxSignal(stores.Control.Hints));
        builder.Services.AddSingleton<Outbox>();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddSingleton<ChangeRecorder>();
        var masters = MasterKeys.Open(SecretsSetup.DefaultMasterFile(directory), clock);
        builder.Services.AddSecrets(masters, await SecretBox.OpenAsync(stores, masters, clock, cancel));
        builder.Services.AddSingleton<ILeases>(Leases.For(stores, "test", new LeaseOptions(), clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<Leases>.Instance));
        builder.Services.AddSingleton(new OutboundOptions { Allow = mayDial is null ? [] : [IPNetwork.Parse(mayDial)] }).AddSingleton<OutboundTcp>();
        if (tls)
        {
            builder.Services.AddSingleton(Certificates.Open(
                new CertificateOptions { Directory = Path.Combine(directory, "certificates"), SelfSignedNames = ["gateway.test"] }, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        }

        if (dns is not null)
        {
            builder.Services.AddSingleton(dns);
        }

        if (routes is not null)
        {
            builder.Services.AddSingleton(routes);
        }

        if (disk is not null)
        {
            builder.Services.AddSingleton(disk);
        }

        module.AddServices(builder.Services, fit ? Fit(Chosen(options)) : Chosen(options));
        var node = new MailNode(builder.Build(), stores, directory, own);
        await node._application.StartAsync(cancel);
        return node;
    }

    /// <summary>Signs a gateway: its domains proved, its mail going to a port of loopback.</summary>
    public void Sign(string subscription, string tenantPath, string domain, int nextHopPort, Func<GatewaySettings, GatewaySettings>? settings = null, params string[] holds)
    {
        var wanted = new GatewaySettings
        {
            Domains = [domain], NextHop = $"127.0.0.1:{nextHopPort}", Recipients = RecipientSource.CallAhead, NextHopTls = NextHopTls.Opportunistic,
        };
        _proved[domain] = tenantPath;
        _records[subscription] = new DesiredRecord(
            subscription, GatewaySettings.Kind, tenantPath.TrimEnd('/').Split('/')[^1], tenantPath, "test", 0,
            JsonSerializer.Serialize((settings ?? (static given => given))(wanted), SettingsJson.Options), holds, null, ++_revision);
        Apply();
    }

    public void End(string subscription)
    {
        _records.Remove(subscription);
        Apply();
    }

    public IReadOnlyList<ReconcileOutcome> Apply() =>
        Services.GetRequiredService<GatewayContracts>().Apply(new DesiredSnapshot(++_revision, new Dictionary<string, DesiredRecord>(_records)), _proved);

    /// <summary>Gives a subscription its list of recipients, and waits until sessions know it.</summary>
    public async Task ListAsync(string subscription, string tenantPath, params string[] addresses)
    {
        var cancel = TestContext.Current.CancellationToken;
        await Stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    "INSERT INTO mail_recipient_list (subscription_id, tenant_path, version, entries, updated_at, updated_by) VALUES (@Id, @Path, 1, @Entries, 0, 'test')",
                    new { Id = subscription, Path = tenantPath, Entries = (long)addresses.Length });
                foreach (var address in addresses)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO mail_recipient_entry (subscription_id, address, tenant_path) VALUES (@Id, @Address, @Path)", new { Id = subscription, Address = address, Path = tenantPath });
                }

                return true;
            },
            cancel);
        await Services.GetRequiredService<RecipientLists>().LoadAsync(cancel);
    }

    /// <summary>What clients and pages ask for a message: its id stands in the 250.</summary>
    public static string IdIn(string reply) => reply[reply.IndexOf("m_", StringComparison.Ordinal)..].Trim();

    /// <summary>The projections cannot be written until the lock is disposed.</summary>
    public async Task<IAsyncDisposable> LockProjectionsAsync()
    {
        var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_directory, "projections.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>Waits until a value in memory is as it should be.</summary>
    public async Task<T> SoonAsync<T>(Func<T> read, Func<T, bool> until)
    {
        for (var attempt = 0; ; attempt++)
        {
            var value = read();
            if (until(value))
            {
                return value;
            }

            Assert.True(attempt < 3_000, $"still {value} after a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a question to the projections answers yes.</summary>
    public async Task<T> EventuallyAsync<T>(Func<ISqlReader, ValueTask<T>> read, Func<T, bool> until)
    {
        var cancel = TestContext.Current.CancellationToken;
        for (var attempt = 0; ; attempt++)
        {
            var value = await Stores.Projections.ReadAsync(read, cancel);
            if (until(value))
            {
                return value;
            }

            Assert.True(attempt < 3_000, $"still {value} after a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System);
        await _application.StopAsync(deadline.Token);
        await _application.DisposeAsync();
        await Stores.DisposeAsync();
        _own?.Dispose();
    }

    private static MailOptions Chosen(Func<MailOptions, MailOptions>? options) => (options ?? (static given => given))(Defaults());

    private static MailOptions Defaults() => new()
    {
        Listen = ["127.0.0.1:0"],
        HostName = "gateway.test",
    };

    // Small segments: a test's spool should not write 64 MB of zeroes.
    private static MailOptions Fit(MailOptions options) => options with
    {
        Spool = options.Spool with { Segments = options.Spool.Segments with { SegmentBytes = 4 << 20, MaxBatchBytes = 2 << 20, FreeSpaceFloorBytes = 0 } },
    };
}
