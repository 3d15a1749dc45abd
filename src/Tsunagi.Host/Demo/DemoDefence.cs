using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Tsunagi.Ddos.Try;
using Tsunagi.Routing.Try;

namespace Tsunagi.Host.Demo;

/// <summary>
/// The demo's protection against attacks: (1) an edge router that takes rules by BGP and tells of the traffic to one customer, (2) that customer's subscription, set to answer by itself, (3) everyday traffic, which
/// must be known before a rule goes out by itself, (4) on request an attack, and its end. All of it on loopback, and none of the packets that are told of exist. It comes alive while the demo is looked at.
/// </summary>
internal sealed class DemoDefence(DemoServer server, DemoWorld world, DemoCustomer customer, TrialRouter router, TimeProvider time) : IDisposable
{
    /// <summary>An address of the customer's, as the file gives it.</summary>
    public const string Target = "192.0.2.2";

    public const string Network = "192.0.2.0/28";

    /// <summary>So long does an attack go on that nobody ends.</summary>
    public static readonly TimeSpan AtMost = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Known = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly TrialExporter _exporter = new(new IPEndPoint(IPAddress.Loopback, server.FlowPort), Target, time);
    private readonly TaskCompletionSource _isSet = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _process;
    private long _since = time.GetTimestamp();

    public DemoCustomer Customer => customer;

    /// <summary>Rules that the router holds.</summary>
    public ICollection<string> Rules => router.Routes.Keys;

    /// <summary>Until cancelled; what the program refuses ends it, and is told.</summary>
    /// <returns>Why it ended before the demo did; empty when it did not.</returns>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var telling = _exporter.RunAsync(cancellationToken);
            await Task.WhenAll(telling, WatchAsync(cancellationToken), SubscribeAsync(cancellationToken));
            return "";
        }
        catch (OperationCanceledException)
        {
            return "";
        }
        catch (IOException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>How long until everyday traffic is known so well that rules go out by themselves.</summary>
    public TimeSpan UntilKnown
    {
        get
        {
            var left = Known - time.GetElapsedTime(Volatile.Read(ref _since));
            return left < TimeSpan.Zero ? TimeSpan.Zero : left;
        }
    }

    /// <summary>Begins an attack as soon as the everyday traffic is known.</summary>
    public async Task AttackAsync(CancellationToken cancellationToken)
    {
        await _isSet.Task.WaitAsync(cancellationToken);
        while (UntilKnown > TimeSpan.Zero)
        {
            await Task.Delay(LookEvery, time, cancellationToken);
        }

        _exporter.Attack(AtMost);
    }

    /// <summary>Ends it.</summary>
    public void Calm() => _exporter.Calm();

    public void Dispose() => _exporter.Dispose();

    // A program that was started again has to learn again what is usual.
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!server.IsRunning || _process != server.ProcessId)
            {
                _process = server.ProcessId;
                Volatile.Write(ref _since, time.GetTimestamp());
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    // (2)
    private async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        using var api = new DemoApi(server.Url);
        await api.SignInAsync(DemoWorld.OperatorEmail, world.Password, cancellationToken);
        await api.PutAsync("/plans/ddos-protection", Plan(), cancellationToken);
        var subscription = (string)(await api.PostAsync(
            "/subscriptions",
            new { tenantId = world.TenantOf(customer), plan = "ddos-protection", name = "DDoS protection of " + customer.Name, settings = new { prefixes = (string[])[Network], quietSeconds = 5 } },
            cancellationToken))["id"]!;
        while (((JsonArray)(await api.GetAsync("/ddos/protections", cancellationToken))["items"]!).All(each => (string?)each!["id"] != subscription))
        {
            await Task.Delay(LookEvery, time, cancellationToken);
        }

        await api.PutAsync($"/ddos/protections/{subscription}/mode", new { mode = "automatic", reason = "the demo shows a rule that goes out by itself", withoutReport = true }, cancellationToken);
        _isSet.TrySetResult();
    }

    private static object Plan() => new
    {
        code = "ddos-protection", specification = "ddos.protection", nameEn = "DDoS protection", nameJa = "DDoS対策", currency = "JPY",
        prices = new object[] { new { model = "flat", label = "DDoS protection, monthly fee", amount = 30_000 } },
    };
}
