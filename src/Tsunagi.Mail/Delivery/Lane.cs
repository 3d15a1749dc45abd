namespace Tsunagi.Mail.Delivery;

/// <summary>
/// The mail of one subscription that goes one way (its next hop, or our smarthost). Lanes of the same next hop take turns, so one tenant's flood
/// does not stand before another tenant's letter; a change of the contract moves the whole lane, not its messages. Guarded by the scheduler's lock.
/// </summary>
internal sealed class Lane(string key, string? subscription, string tenantPath, bool isOutbound = false, string domain = "", bool isReport = false)
{
    private QueuedMessage? _first;
    private QueuedMessage? _last;

    public string Key => key;

    /// <summary>The subscription whose contract says where this mail goes; null for the smarthost.</summary>
    public string? Subscription => subscription;

    public string TenantPath => tenantPath;

    /// <summary>Its mail leaves by our smarthost, under the subscription's contract.</summary>
    public bool IsOutbound => isOutbound;

    /// <summary>The recipients' domain, of mail that leaves by MX and of our reports: then a lane is that of a subscription, or a tenant, and a domain. Empty where one next hop takes all of it.</summary>
    public string Domain => domain;

    /// <summary>It carries reports about TLS, whose own way policies do not bar (RFC 8460 section 3).</summary>
    public bool IsReport => isReport;

    /// <summary>Where its mail goes now; null while nobody says.</summary>
    public NextHopQueue? NextHop { get; set; }

    /// <summary>Why its mail waits although a next hop may be there: a hold, no contract, no smarthost. Null when it may go.</summary>
    public string? WhyNot { get; set; }

    /// <summary>Its mail may go: its ready messages are counted by its next hop.</summary>
    public bool IsOpen { get; set; }

    public int ReadyCount { get; private set; }

    /// <summary>Messages in the timer wheel.</summary>
    public int WaitingCount { get; set; }

    /// <summary>Messages that wait before they leave.</summary>
    public int PendingCount { get; set; }

    public int InDelivery { get; set; }

    /// <summary>All its messages but those that wait before they leave.</summary>
    public int Held => ReadyCount + WaitingCount + InDelivery;

    /// <summary>It stands in its next hop's ring of lanes with work.</summary>
    public bool InRing { get; set; }

    public QueuedMessage? Oldest => _first;

    public void Append(QueuedMessage message)
    {
        message.Place = QueuedPlace.Ready;
        message.NextReady = null;
        if (_last is null)
        {
            _first = message;
        }
        else
        {
            _last.NextReady = message;
        }

        _last = message;
        ReadyCount++;
    }

    /// <summary>Puts a message back where it came from, before those behind it.</summary>
    public void PutBack(QueuedMessage message)
    {
        message.Place = QueuedPlace.Ready;
        message.NextReady = _first;
        _first = message;
        _last ??= message;
        ReadyCount++;
    }

    /// <summary>Takes a ready message out of the middle: only when the spool turned out not to hold it.</summary>
    public bool Remove(QueuedMessage message)
    {
        for (QueuedMessage? before = null, at = _first; at is not null; (before, at) = (at, at.NextReady))
        {
            if (at != message)
            {
                continue;
            }

            if (before is null)
            {
                _first = at.NextReady;
            }
            else
            {
                before.NextReady = at.NextReady;
            }

            _last = _last == at ? before : _last;
            at.NextReady = null;
            ReadyCount--;
            return true;
        }

        return false;
    }

    /// <summary>Takes out the ready messages that go to several domains, which need not wait for this one.</summary>
    public List<QueuedMessage> TakeSeveral()
    {
        var several = new List<QueuedMessage>();
        for (var at = _first; at is not null; at = at.NextReady)
        {
            if (at.Turns is not null)
            {
                several.Add(at);
            }
        }

        several.ForEach(message => Remove(message));
        return several;
    }

    public QueuedMessage? Take()
    {
        if (_first is not { } message)
        {
            return null;
        }

        _first = message.NextReady;
        if (_first is null)
        {
            _last = null;
        }

        message.NextReady = null;
        ReadyCount--;
        return message;
    }
}
