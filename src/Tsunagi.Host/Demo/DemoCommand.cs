using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tsunagi.Routing.Try;

namespace Tsunagi.Host.Demo;

/// <summary>
/// `tsunagi demo`: (1) a directory of its own, (2) samples/provider.yaml with free ports, and receivers that play its customers' mail servers,
/// (3) the program in a process of its own, (4) the file applied as <c>tsunagi apply</c> does, (5) mail and sessions in flow, mail worth looking at (<see cref="DemoShow"/>), thirty routers that are switched on, and a customer whose traffic is watched for attacks, (6) a summary and the tour until Ctrl-C or "q"; then everything it made is taken away.
/// </summary>
internal static class DemoCommand
{
    private const double MailsPerSecond = 5;

    // The wished ports differ in their last two digits, and the highest of the last place is still below those given to whoever asks for any (32768 and above).
    private const int PortsPerPlace = 100;
    private const int MostPlaces = 100;

    public static async Task<int> RunAsync(TextReader input, TextWriter output, TextWriter error)
    {
        var time = TimeProvider.System;
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));

        Func<string> logged = static () => "";

        // (1)
        var directory = Directory.CreateTempSubdirectory("tsunagi-demo-").FullName;
        try
        {
            // (2)
            using var place = TakePlace(out var offset);
            int FreePort(int wished) => DemoCommand.FreePort(wished + offset, ProtocolType.Tcp);
            int FreeUdpPort(int wished) => DemoCommand.FreePort(wished + offset, ProtocolType.Udp);
            var file = DemoFile.Read(DemoFile.Sample, FreePort);
            var applied = Path.Combine(directory, "provider.yaml");
            await File.WriteAllTextAsync(applied, file.Text, stop.Token);
            var customers = file.Customers;
            var smtpPort = FreePort(2525);
            await using var traffic = new DemoTraffic(smtpPort, customers, MailsPerSecond, time);
            traffic.StartReceivers();

            // (3)
            await output.WriteLineAsync("starting the provider ...");
            var log = Path.Combine(directory, "program.log");
            await using var edge = new TrialRouter();
            await using var show = new DemoShow(time);
            await using var server = new DemoServer(Path.Combine(directory, "data"), log, new DemoPorts(FreePort(8480), smtpPort, FreeUdpPort(18_120), FreeUdpPort(18_130), FreePort(7547), FreePort(8443), FreeUdpPort(8444), FreeUdpPort(2055), edge.Port, FreePort(2587), show.OthersPort), time);
            await server.StartAsync(stop.Token);
            logged = server.LastLog;

            // (4)
            await output.WriteLineAsync("applying samples/provider.yaml ...");
            using var api = new DemoApi(server.Url);
            var world = await DemoWorld.MakeAsync(api, server, applied, file, stop.Token);

            // (5)
            var lines = new DemoLines(server, file.Lines, time);
            await lines.MakeAsync(api, stop.Token);
            var sending = Task.WhenAll(traffic.SendAsync(stop.Token), lines.RunAsync(stop.Token));
            var showing = show.RunAsync(server, world, customers, stop.Token);
            var routers = new DemoRouters(server, world, customers, time).RunAsync(stop.Token);

            using var defence = new DemoDefence(server, world, customers.First(static customer => customer.Key == "minato"), edge, time);
            var defending = defence.RunAsync(stop.Token);

            // (6)
            var screen = new DemoScreen(server, world, traffic, file, applied, output);
            screen.Welcome();
            await new DemoPrompt(new DemoTour(server, world, traffic, customers, time), server, traffic, defence, screen, time).RunAsync(input, stop);
            await stop.CancelAsync();
            await sending;
            await showing;
            return await routers is { Length: > 0 } refused ? throw new IOException("the routers ended early: " + refused)
                : await defending is { Length: > 0 } undefended ? throw new IOException("the protection against attacks ended early: " + undefended) : 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await error.WriteLineAsync("tsunagi demo: " + e.Message);
            if (logged() is { Length: > 0 } lines)
            {
                await error.WriteLineAsync("the program last logged:\n" + lines);
            }

            return 1;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
            await output.WriteLineAsync("the demo is over; nothing is left behind");
        }
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }

    /// <summary>
    /// The demo's place among those of this machine, and how far its ports lie above the wished ones: none for the first. Each has ports of its own for as long as it lives, below
    /// those that the system gives to whoever asks for any: a program that was killed finds its ports again, and two demos that start at the same moment do not meet.
    /// An abstract name: it goes with the process.
    /// </summary>
    private static Socket TakePlace(out int offset)
    {
        for (var place = 0; place < MostPlaces; place++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0tsunagi-demo-{place}")));
                offset = place * PortsPerPlace;
                return socket;
            }
            catch (SocketException)
            {
                // Another demo's.
                socket.Dispose();
            }
        }

        throw new IOException($"{MostPlaces} demos run on this machine already");
    }

    /// <summary>The wished port when nobody has it, else one the system chooses.</summary>
    private static int FreePort(int wished, ProtocolType protocol)
    {
        foreach (var port in (int[])[wished, 0])
        {
            using var socket = new Socket(AddressFamily.InterNetwork, protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return ((IPEndPoint)socket.LocalEndPoint!).Port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }

        throw new IOException(string.Create(CultureInfo.InvariantCulture, $"there is no free port near {wished}"));
    }
}
