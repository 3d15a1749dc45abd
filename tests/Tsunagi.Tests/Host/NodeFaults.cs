using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tsunagi.Tests.Host;

/// <summary>The errors a node wrote to its log, so that a test that met a 500 can say why.</summary>
public sealed class NodeFaults : ILoggerProvider, ILogger
{
    private const int Most = 20;
    private readonly ConcurrentQueue<string> _faults = new();

    /// <summary>What was written since the last call, newest last.</summary>
    public string Take()
    {
        var taken = new List<string>();
        while (_faults.TryDequeue(out var fault))
        {
            taken.Add(fault);
        }

        return string.Join('\n', taken);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        _faults.Enqueue($"{formatter(state, exception)} {exception}");
        while (_faults.Count > Most && _faults.TryDequeue(out _))
        {
            // Only the newest say why.
        }
    }

    public void Dispose()
    {
        // Holds nothing.
    }
}
