using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Tests.Mail;
using Tsunagi.Tests.Mail.Chaos;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// The mail gateway with its whole filter and quarantine on, on a real disk that fails when it is told to: a word a line on its standard input. "full": no write finds room; "sync": the next fsync
/// fails; "well": the disk is well again; "mute": the resolver is dead; "speak": it answers.
/// </summary>
internal static class ChaosNode
{
    public const string Customer = "t_000000000000000000000provider/t_000000000000000000000customer/";

    public static async Task RunAsync(string directory, int port, int nextHop, string domain)
    {
        var disk = new FailingDisk();
        var resolver = new MuteResolver();
        await using var node = await MailNode.StartAsync(
            options => options with
            {
                Listen = [$"127.0.0.1:{port}"], HostName = "gateway.test.invalid", Smarthost = $"127.0.0.1:{nextHop}", ReopenAfter = TimeSpan.FromMilliseconds(50),
                Filter = options.Filter with { DnsDeadline = TimeSpan.FromMilliseconds(200) },
                Spool = options.Spool with { ReplayWindow = TimeSpan.FromDays(1), Segments = options.Spool.Segments with { SegmentBytes = 16 << 20, MaxBatchBytes = 8 << 20, FreeSpaceFloorBytes = 0 } },
                Delivery = options.Delivery with
                {
                    FirstRetry = TimeSpan.FromMilliseconds(300), LongestRetry = TimeSpan.FromMilliseconds(600), FirstProbe = TimeSpan.FromMilliseconds(100), LongestProbe = TimeSpan.FromMilliseconds(300),
                },
            },
            directory, fit: false, disk: disk, dns: resolver);
        await ChaosWorld.HoldSomeAsync(node.Stores, Customer);
        await node.Services.GetRequiredService<PolicyWatch>().LoadAsync(CancellationToken.None);
        node.Sign("s_0000000000000000000000proof", Customer, domain, nextHop, static settings => settings with { Recipients = RecipientSource.CallAhead });
        Console.WriteLine("ready");

        // Until its parent is gone, or kills it.
        while (await Console.In.ReadLineAsync() is { } word)
        {
            disk.IsFull = word switch { "full" => true, "well" => false, _ => disk.IsFull };
            disk.FailsNextSync |= word == "sync";
            resolver.IsMute = word switch { "mute" => true, "speak" => false, _ => resolver.IsMute };
        }
    }

    /// <summary>A resolver that knows nothing, or is silent until nobody waits any more.</summary>
    private sealed class MuteResolver : IMailDns
    {
        public bool IsMute { get; set; }

        public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) => AskAsync<string>(cancellationToken);

        public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) => AskAsync<IPAddress>(cancellationToken);

        public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => AskAsync<MailExchange>(cancellationToken);

        public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) => AskAsync<string>(cancellationToken);

        private async ValueTask<MailDnsAnswer<T>> AskAsync<T>(CancellationToken cancellationToken)
        {
            if (IsMute)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            return new MailDnsAnswer<T>(MailDnsStatus.NameError);
        }
    }
}
