using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Protocols.Net.Stamp;

namespace Tsunagi.Connectivity.Probes;

/// <summary>This node's reflectors: one for each address of the options.</summary>
internal sealed class Reflectors(ProbeOptions options, TimeProvider time, ILogger<Reflectors> log) : IHostedService, IDisposable
{
    private readonly List<StampReflector> _running = [];

    /// <summary>Where test packets are reflected; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _running.Select(static each => each.EndPoint)];

    /// <exception cref="IOException">An address can not be bound, or the key not read.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var key = options.ReflectKeyFile.Length == 0 ? null : new StampKey((await File.ReadAllBytesAsync(options.ReflectKeyFile, cancellationToken)).AsSpan().TrimEnd((byte)'\n'));
        foreach (var text in options.Reflect)
        {
            var at = IPEndPoint.TryParse(text, out var parsed) ? parsed : throw new InvalidOperationException($"connectivity.probes.reflect: \"{text}\" is no address and port");
            try
            {
                _running.Add(new StampReflector(at, key, options, time, log));
            }
            catch (System.Net.Sockets.SocketException failed)
            {
                Dispose();
                throw new IOException($"reflecting STAMP at {text}: {failed.Message}", failed);
            }
        }

        foreach (var reflector in _running)
        {
            reflector.Start();
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var reflector in _running)
        {
            reflector.Dispose();
        }

        _running.Clear();
    }
}
