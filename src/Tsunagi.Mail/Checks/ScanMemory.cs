namespace Tsunagi.Mail.Checks;

/// <summary>The memory that all messages being looked into may take together, beyond what lies in memory anyway.</summary>
internal sealed class ScanMemory(FilterOptions options)
{
    private long _taken;

    /// <summary>False when there is none left now: the message is told as not looked into, and nobody waits.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= options.ScanMemoryBytes)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    public void Release(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
