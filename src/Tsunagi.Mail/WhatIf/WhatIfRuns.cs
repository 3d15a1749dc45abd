using System.Collections.Concurrent;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Mail.WhatIf;

/// <summary>
/// Questions that the console asked, while their pages are open: a page comes back for news, and a question that nobody came back for is given up. They live in this node's memory, each for who asked it alone.
/// The API needs none of this: its call is the question, and ends with it.
/// </summary>
internal sealed class WhatIfRuns(WhatIfDesk desk, MailOptions options, TimeProvider time) : IDisposable
{
    private const int MostKept = 200;
    private readonly ConcurrentDictionary<string, WhatIfRun> _runs = new(StringComparer.Ordinal);

    /// <summary>Begins, and waits a moment: most answers are there before a page has to wait for them.</summary>
    public async ValueTask<WhatIfRun> BeginAsync(Caller caller, WhatIfQuestion question, long version, TimeSpan wait, CancellationToken cancellationToken)
    {
        Forget();
        var run = new WhatIfRun(Id.New("wi", time), caller.ActorId, caller.Scope.Path, question, version, time);
        _runs[run.Id] = run;
        run.Begin((told, given) => desk.AskAsync(question, told, given), options.WhatIf.UnwatchedFor);
        await run.WaitAsync(wait, cancellationToken);
        return run;
    }

    /// <summary>Null when there is none on this node, or it is somebody else's.</summary>
    public WhatIfRun? Find(Caller caller, string id)
    {
        if (!_runs.TryGetValue(id, out var run) || run.ActorId != caller.ActorId || run.ScopePath != caller.Scope.Path)
        {
            return null;
        }

        run.Look();
        return run;
    }

    public void Dispose()
    {
        foreach (var run in _runs.Values)
        {
            run.Dispose();
        }
    }

    private void Forget()
    {
        var old = _runs.Values.Where(run => run.UnseenFor > options.WhatIf.KeepAnswers).Concat(_runs.Values.OrderByDescending(static run => run.UnseenFor).Take(Math.Max(0, _runs.Count - MostKept + 1)));
        foreach (var run in old.ToList())
        {
            if (_runs.TryRemove(run.Id, out _))
            {
                run.Dispose();
            }
        }
    }
}

/// <summary>One question on its way.</summary>
/// <param name="version">The version of the policy that its asker saw: what is saved from here must not lie over somebody else's change.</param>
internal sealed class WhatIfRun(string id, string actorId, string scopePath, WhatIfQuestion question, long version, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _given = new();
    private ITimer? _watch;
    private Task<Outcome<WhatIfAnswer>> _answer = Task.FromCanceled<Outcome<WhatIfAnswer>>(new CancellationToken(true));
    private Outcome<WhatIfAnswer>? _said;
    private long _seen = time.GetTimestamp();
    private long _messages;
    private double _share;

    public string Id => id;

    public string ActorId => actorId;

    public string ScopePath => scopePath;

    public WhatIfQuestion Question => question;

    public long Version => version;

    public WhatIfProgress Progress => new(Volatile.Read(ref _messages), Volatile.Read(ref _share));

    public bool IsGivenUp => _answer.IsCanceled;

    public bool HasFailed => _answer.IsFaulted;

    /// <summary>Null until it is there.</summary>
    public Outcome<WhatIfAnswer>? Answer => _answer.IsCompletedSuccessfully ? _said : null;

    public TimeSpan UnseenFor => time.GetElapsedTime(Volatile.Read(ref _seen));

    public void Look() => Volatile.Write(ref _seen, time.GetTimestamp());

    /// <param name="ask">Asks, and tells how far it has come.</param>
    public void Begin(Func<Action<WhatIfProgress>, CancellationToken, ValueTask<Outcome<WhatIfAnswer>>> ask, TimeSpan unwatchedFor)
    {
        _watch = time.CreateTimer(_ => GiveUpWhenUnseen(unwatchedFor), null, unwatchedFor, TimeSpan.FromSeconds(1));
        _answer = AskAsync(ask);
    }

    /// <summary>Returns when the answer is there, or after this long.</summary>
    public async ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) =>
        await Task.WhenAny(_answer, Task.Delay(atMost, time, cancellationToken));

    public void Dispose()
    {
        _watch?.Dispose();
        _given.Cancel();
    }

    private async Task<Outcome<WhatIfAnswer>> AskAsync(Func<Action<WhatIfProgress>, CancellationToken, ValueTask<Outcome<WhatIfAnswer>>> ask)
    {
        // Whoever asked goes on at once.
        await Task.Yield();
        try
        {
            var said = await ask(Told, _given.Token);
            _said = said;
            return said;
        }
        finally
        {
            _watch?.Dispose();
        }
    }

    private void Told(WhatIfProgress progress)
    {
        Volatile.Write(ref _messages, progress.Messages);
        Volatile.Write(ref _share, progress.Share);
    }

    private void GiveUpWhenUnseen(TimeSpan unwatchedFor)
    {
        if (UnseenFor >= unwatchedFor)
        {
            _given.Cancel();
        }
    }
}
