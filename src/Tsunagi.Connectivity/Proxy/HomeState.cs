namespace Tsunagi.Connectivity.Proxy;

/// <summary>What is known of a home server's port.</summary>
internal enum HomeState
{
    /// <summary>It answers, or was not asked yet.</summary>
    Answering,

    /// <summary>It left a request unanswered and is asked whether it is there (Status-Server); others are asked before it.</summary>
    Silent,

    /// <summary>It is not asked but whether it is back.</summary>
    Dead,
}

/// <summary>What operators are told: a port is dead, or back.</summary>
internal sealed record HomeChange(HomeLane Lane, bool IsDead, long At);

/// <summary>
/// When a home server's port is dead and when it is back: (1) a request without an answer makes it silent, unless something was answered since; (2) silent, it is asked by Status-Server: an answer and it
/// is as before, so many times nothing and it is dead; (3) dead, it is asked every so often, and is back after so many answers. One that knows no Status-Server is judged by requests alone, and when it
/// is dead, or was silent for as long, tried again after a while: then one more unanswered makes the dead one dead again. That it knows Status-Server is believed when it has answered one, which it is asked
/// once at the start; until then it is judged by requests too. Thread-safe.
/// </summary>
internal sealed class HomeHealth(ProxyOptions options, bool hasStatus, TimeProvider time)
{
    private readonly Lock _lock = new();
    private HomeState _state;

    // When it was last heard, or given another chance: what was asked before tells nothing against it.
    private long _wellAt;
    private long _askAt;
    private long _chanceAt;
    private int _missed;
    private int _heard;
    private bool _isTold;
    private bool _isAskedFirst;
    private bool _knowsStatus;

    public HomeState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    /// <summary>Something authentic came. True when operators are to be told that it is back.</summary>
    public bool Heard(bool isProbe)
    {
        lock (_lock)
        {
            _wellAt = time.GetTimestamp();
            _missed = 0;
            _knowsStatus |= isProbe;

            // An answer to a request of before does not make a dead one whole: it may have been the last.
            if (_state == HomeState.Dead && (!isProbe || ++_heard < options.ProbesToComeBack))
            {
                return false;
            }

            _state = HomeState.Answering;
            return _isTold && !(_isTold = false);
        }
    }

    /// <summary>Nothing came to what was asked then. True when operators are to be told that it is dead.</summary>
    /// <param name="isDead">It died of this, or is dead and did not answer that it is back.</param>
    public bool Missed(bool isProbe, long askedAt, out bool isDead)
    {
        lock (_lock)
        {
            _heard = 0;
            isDead = isProbe && _state == HomeState.Dead;
            if (isProbe && (_state == HomeState.Dead || !_knowsStatus))
            {
                _askAt = After(options.ProbeEvery);
                return false;
            }

            if (_wellAt > askedAt && _state == HomeState.Answering)
            {
                return false;
            }

            // Requests count where nothing else says how it is.
            if (_state != HomeState.Dead && (isProbe || !_knowsStatus) && ++_missed >= options.ProbesToDie)
            {
                (_state, _askAt, _chanceAt) = (HomeState.Dead, After(options.ProbeEvery), After(options.DeadFor));
                isDead = true;
                return !_isTold && (_isTold = true);
            }

            if (_state == HomeState.Answering)
            {
                (_state, _askAt, _chanceAt) = (HomeState.Silent, time.GetTimestamp(), After(options.DeadFor));
            }

            return false;
        }
    }

    /// <summary>Whether it is time to ask it by Status-Server. One that is judged by requests is given another chance when that is due.</summary>
    public bool IsToBeAsked()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_state != HomeState.Answering && !_knowsStatus && now >= _chanceAt)
            {
                _missed = _state == HomeState.Dead ? options.ProbesToDie - 1 : _missed;
                (_state, _wellAt) = (HomeState.Answering, now);
                return false;
            }

            if (!hasStatus || now < _askAt)
            {
                return false;
            }

            return _state != HomeState.Answering || (!_isAskedFirst && (_isAskedFirst = true));
        }
    }

    private long After(TimeSpan wait) => time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
}
