using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>
/// Which home server an Access-Challenge came from, known by realm, user and the State that was passed on (RFC 2865 section 5.24): only that one knows what it asked, so the answer to a challenge goes
/// there and nowhere else. The oldest goes when its time or the room is over. Thread-safe.
/// </summary>
internal sealed class OpenChallenges(TimeProvider time, int most = OpenChallenges.Most)
{
    private const int Most = 10_000;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, (HomeLane Lane, long Number)> _lanes = [];
    private readonly Queue<(UInt128 Key, long Number, long At)> _order = new();
    private long _noted;

    /// <summary>Remembers the lane that an answer, as it goes to the access server, came from. Nothing when it is no challenge or has no State.</summary>
    public void Note(ProxiedRealm realm, byte[] request, byte[] answer, HomeLane lane)
    {
        if (answer[0] != (byte)RadiusCode.AccessChallenge || KeyOf(realm, request, answer) is not { } key)
        {
            return;
        }

        lock (_lock)
        {
            Age(most - 1);
            _lanes[key] = (lane, ++_noted);
            _order.Enqueue((key, _noted, time.GetTimestamp()));
        }
    }

    /// <summary>Null when it answers no challenge that is known.</summary>
    public HomeLane? Find(ProxiedRealm realm, byte[] request)
    {
        if (KeyOf(realm, request, request) is not { } key)
        {
            return null;
        }

        lock (_lock)
        {
            Age(most);
            return _lanes.TryGetValue(key, out var found) ? found.Lane : null;
        }
    }

    private void Age(int room)
    {
        while (_order.TryPeek(out var oldest) && (_order.Count > room || time.GetElapsedTime(oldest.At) > Kept))
        {
            _order.Dequeue();
            if (_lanes.TryGetValue(oldest.Key, out var known) && known.Number == oldest.Number)
            {
                _lanes.Remove(oldest.Key);
            }
        }
    }

    // The user too: there are servers whose States are small numbers.
    private static UInt128? KeyOf(ProxiedRealm realm, byte[] request, byte[] holder)
    {
        if (!RadiusPacket.TryParse(request, null, out var asked, out _) || !RadiusPacket.TryParse(holder, null, out var packet, out _) || !packet.TryFind(RadiusType.State, out ReadOnlySpan<byte> state))
        {
            return null;
        }

        asked.TryFind(RadiusType.UserName, out ReadOnlySpan<byte> user);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. Encoding.UTF8.GetBytes(realm.Name), 0, (byte)user.Length, .. user, .. state], hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
