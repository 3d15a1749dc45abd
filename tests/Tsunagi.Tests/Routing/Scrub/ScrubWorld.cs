using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Routing;
using Tsunagi.Routing.Scrub;

namespace Tsunagi.Tests.Routing.Scrub;

/// <summary>A network namespace with a link to itself: what is sent on "a0" comes in on "r0", where nftables of its own look at it. The kernel and nft are the real ones.</summary>
internal sealed class ScrubWorld : IAsyncDisposable
{
    private const string Ip = "/usr/sbin/ip";
    private const string Nft = "/usr/sbin/nft";
    private const string Python = "/usr/bin/python3";

    // Reads frames as hexadecimal lines and sends each.
    private const string Sender = "import socket,sys\ns=socket.socket(socket.AF_PACKET,socket.SOCK_RAW)\ns.bind(('a0',0))\nfor line in sys.stdin:\n s.send(bytes.fromhex(line.strip()))\n";

    private static readonly (string Program, string Package)[] Programs = [(Ip, "iproute2"), (Nft, "nftables"), (Python, "python3")];

    private readonly string _name = "tsn" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    private ScrubWorld()
    {
        Options = new RoutingOptions { Scrubbers = [new ScrubberOptions { Name = "box", Command = [Ip, "netns", "exec", _name, Nft] }], ScrubLookEvery = TimeSpan.FromMilliseconds(200), ScrubDeadline = TimeSpan.FromSeconds(20) };
        Scrubber = Make();
    }

    public RoutingOptions Options { get; }

    public IReadOnlyList<WantedRoute> Wanted { get; set; } = [];

    public Scrubber Scrubber { get; private set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<ScrubWorld> OpenAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "network namespaces need root");
        foreach (var (program, package) in Programs)
        {
            Assert.SkipUnless(File.Exists(program), $"{program} is not there (package {package})");
        }

        return await MakeAsync();
    }

    /// <summary>The same; null where it cannot be had, for tests that say something without it, too.</summary>
    public static async Task<ScrubWorld?> TryOpenAsync() =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Programs.All(static each => File.Exists(each.Program)) ? await MakeAsync() : null;

    private static async Task<ScrubWorld> MakeAsync()
    {
        var world = new ScrubWorld();
        await RunAsync("", Ip, "netns", "add", world._name);
        try
        {
            await world.InsideAsync("", Ip, "link", "add", "a0", "type", "veth", "peer", "name", "r0", "address", MadePackets.RouterMac);
            await world.InsideAsync("", Ip, "link", "set", "a0", "up");
            await world.InsideAsync("", Ip, "link", "set", "r0", "up");
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>The program ends without a word, and another begins.</summary>
    public void Again() => Scrubber = Make();

    public async Task<ScrubberView> StepAsync()
    {
        await Scrubber.StepAsync(Cancel);
        return Scrubber.View;
    }

    public Task SendAsync(IEnumerable<byte[]> frames) => InsideAsync(string.Join('\n', frames.Select(Convert.ToHexStringLower)), Python, "-c", Sender);

    public Task<string> NftAsync(string input, params string[] arguments) => InsideAsync(input, Nft, arguments);

    public ScrubbedRule RuleOf(string key) => Assert.Single(Scrubber.View.Rules, rule => rule.Key == key);

    public async ValueTask DisposeAsync() => await TryAsync("", Ip, "netns", "del", _name);

    private Scrubber Make() => new(Options.Scrubbers[0], Options, () => Wanted, TimeProvider.System, NullLogger.Instance);

    private Task<string> InsideAsync(string input, string program, params string[] arguments) => RunAsync(input, Ip, ["netns", "exec", _name, program, .. arguments]);

    private static async Task<string> RunAsync(string input, string program, params string[] arguments)
    {
        var (code, output) = await TryAsync(input, program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments.Select(static each => each.Length > 60 ? "…" : each))}: {code.ToString(CultureInfo.InvariantCulture)} {output}");
        return output;
    }

    private static async Task<(int Code, string Output)> TryAsync(string input, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var texts = Task.WhenAll(process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, string.Concat(await texts));
    }
}
