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
/// is dead tried again after a while. Thread-safe.
/// </summary>
internal sealed class HomeHealth(ProxyOptions options, bool hasStatus, TimeProvider time)
{
    private readonly Lock _lock = new();
    private HomeState _state;
    private long _heardAt;
    private long _askAt;
    private int _missed;
    private int _heard;
    private bool _isTold;

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
            _heardAt = time.GetTimestamp();
            _missed = 0;

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
    public bool Missed(bool isProbe, long askedAt)
    {
        lock (_lock)
        {
            _heard = 0;
            if (_heardAt > askedAt && _state == HomeState.Answering)
            {
                return false;
            }

            // Requests count where nothing else says how it is.
            if (_state != HomeState.Dead && (isProbe || !hasStatus) && ++_missed >= options.ProbesToDie)
            {
                _state = HomeState.Dead;
                Wait();
                return !_isTold && (_isTold = true);
            }

            if (_state == HomeState.Answering)
            {
                _state = HomeState.Silent;
                _askAt = time.GetTimestamp();
            }
            else if (isProbe && _state == HomeState.Dead)
            {
                Wait();
            }

            return false;
        }
    }

    /// <summary>Whether it is time to ask it by Status-Server. One that knows none is given another chance instead.</summary>
    public bool IsToBeAsked()
    {
        lock (_lock)
        {
            if (_state == HomeState.Answering || time.GetTimestamp() < _askAt)
            {
                return false;
            }

            if (!hasStatus)
            {
                if (_state == HomeState.Dead)
                {
                    (_state, _missed) = (HomeState.Silent, options.ProbesToDie - 1);
                }

                return false;
            }

            return true;
        }
    }

    private void Wait() => _askAt = time.GetTimestamp() + (long)((hasStatus ? options.ProbeEvery : options.DeadFor).TotalSeconds * time.TimestampFrequency);
}
