using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// What a message consists of to a classifier: tokens of header, structure, text, HTML and links, and the features made of them. A feature is a token, two tokens of form, or
/// two tokens of a text with at most <see cref="Window"/> - 1 words between them (orthogonal sparse bigrams), as a hash; each stands once. The buffers stay
/// with the object: read one message after another into the same, never two at once.
/// <para>The walk of a message: (1) its header fields; (2) the structure, with the names of its files; (3) each text part, decoded within limits; HTML first
/// becomes text, and leaves what is peculiar to it behind; (4) words, links and addresses of the text; (5) the form of the whole; (6) signs of form in pairs.</para>
/// </summary>
public sealed class MessageTokens
{
    /// <summary>Changes with every change of what tokens are made: a model is of one version.</summary>
    public const int Version = 2;

    /// <summary>How far two words of a pair stand apart at most.</summary>
    public const int Window = 4;

    /// <summary>How many groups of features there are.</summary>
    public const int Groups = 11;

    private const int MaxForms = 90;
    private readonly TokenLimits _limits;
    private readonly int[] _seen;
    private readonly uint[][] _hashes = [.. Enumerable.Range(0, Groups).Select(static _ => new uint[128])];
    private readonly Origin[][] _origins = [.. Enumerable.Range(0, Groups).Select(static _ => new Origin[128])];
    private readonly int[] _counts = new int[Groups];
    private readonly ulong[] _window = new ulong[Window];
    private readonly int[] _windowTokens = new int[Window];
    private readonly TextBuffers _buffers = new();
    private char[] _text = new char[8192];
    private Token[] _tokens = new Token[1024];
    private int _textLength;
    private int _tokenCount;
    private int _inRun;

    /// <summary>Buffers for messages within the given limits.</summary>
    public MessageTokens(TokenLimits? limits = null)
    {
        _limits = limits ?? TokenLimits.Default;
        _seen = new int[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, _limits.Features * 2))];
    }

    /// <summary>Different features, of all groups together.</summary>
    public int Count { get; private set; }

    /// <summary>Words of the text read so far.</summary>
    internal int Words { get; private set; }

    /// <summary>Links read so far.</summary>
    internal int Links { get; set; }

    internal TokenLimits Limits => _limits;

    /// <summary>The hashes of a group's features, each once, in the order they stand in the message.</summary>
    public ReadOnlySpan<uint> Of(FeatureGroup group) => _hashes[(int)group].AsSpan(0, _counts[(int)group]);

    /// <summary>Takes a message apart; what was read before is forgotten.</summary>
    /// <param name="message">Header section and body.</param>
    /// <param name="tree">Its structure, where the caller has it.</param>
    public void Read(ReadOnlySpan<byte> message, MimeTree? tree = null)
    {
        tree ??= MimeTree.Read(message);
        Clear();
        HeaderTokens.Read(message, this, _buffers);
        StructureTokens.Read(message, tree, this, _buffers);
        AddFormPairs();
    }

    /// <summary>A feature in words: "winner", "click here", "limited … offer". Never longer than two tokens.</summary>
    public FeatureText Describe(FeatureGroup group, int index)
    {
        Origin origin = _origins[(int)group][index];
        Token last = _tokens[origin.Token];
        if (origin.Before < 0)
        {
            return new FeatureText(last.Kind, TextOf(last));
        }

        string between = origin.Token - origin.Before == 1 ? " " : " … ";
        return new FeatureText(last.Kind, TextOf(_tokens[origin.Before]) + between + TextOf(last));
    }

    /// <summary>What is known of the whole header.</summary>
    internal Passage Passage { get; } = new();

    /// <summary>What the message has to do with its author's domain.</summary>
    internal AuthorRelation Relation { get; } = new();

    /// <summary>Words that follow have nothing to do with those before.</summary>
    internal void StartRun() => _inRun = 0;

    /// <summary>A token by itself.</summary>
    internal void Add(TokenKind kind, ReadOnlySpan<char> text) => AddToken(kind, text, GroupOf(kind));

    /// <summary>A token made of a fixed head and a tail.</summary>
    internal void Add(TokenKind kind, ReadOnlySpan<char> head, ReadOnlySpan<char> tail)
    {
        Span<char> both = stackalloc char[96];
        int fromHead = Math.Min(head.Length, 48);
        int fromTail = Math.Min(tail.Length, 48);
        head[..fromHead].CopyTo(both);
        tail[..fromTail].CopyTo(both[fromHead..]);
        Add(kind, both[..(fromHead + fromTail)]);
    }

    /// <summary>A token with a number, told as a power of two.</summary>
    internal void AddCount(TokenKind kind, ReadOnlySpan<char> head, int count)
    {
        Span<char> digits = stackalloc char[11];
        int rounded = count <= 2 ? count : 1 << BitOperations.Log2((uint)count);
        rounded.TryFormat(digits, out int written, provider: System.Globalization.CultureInfo.InvariantCulture);
        Add(kind, head, digits[..written]);
    }

    /// <summary>A word of the text that is no part of the run: it makes no pairs.</summary>
    internal void AddAside(TokenKind kind, ReadOnlySpan<char> text) => AddToken(kind, text, FeatureGroup.Words);

    /// <summary>A word in a run: by itself, and together with those just before it.</summary>
    /// <returns>False when no more words are taken.</returns>
    internal bool AddWord(TokenKind kind, ReadOnlySpan<char> text)
    {
        if (kind is TokenKind.Word or TokenKind.Quoted && ++Words > _limits.Words)
        {
            return false;
        }

        FeatureGroup group = GroupOf(kind);
        int token = AddToken(kind, text, group);
        if (token < 0)
        {
            return false;
        }

        ulong hash = _tokens[token].Hash;
        group = group == FeatureGroup.Words ? FeatureGroup.Pairs : group;
        int most = Math.Min(_inRun, Window);
        for (int gap = 1; gap <= most; gap++)
        {
            int slot = (_inRun - gap) & (Window - 1);
            ulong pair = Mix((_window[slot] * 0x9E3779B97F4A7C15UL) ^ BitOperations.RotateLeft(hash, 7 + gap));
            AddFeature(group, (uint)(pair >> 32), new Origin(token, _windowTokens[slot]));
        }

        _window[_inRun & (Window - 1)] = hash;
        _windowTokens[_inRun & (Window - 1)] = token;
        _inRun++;
        return true;
    }

    private static FeatureGroup GroupOf(TokenKind kind) => kind switch
    {
        TokenKind.Word or TokenKind.Capitals => FeatureGroup.Words,
        TokenKind.Quoted => FeatureGroup.Quoted,
        TokenKind.Subject => FeatureGroup.Subject,
        TokenKind.Hop => FeatureGroup.Route,
        TokenKind.FromName or TokenKind.FromAddress or TokenKind.FieldWord or TokenKind.Attachment => FeatureGroup.Names,
        TokenKind.LinkHost or TokenKind.LinkPath or TokenKind.Address => FeatureGroup.Links,
        TokenKind.Html or TokenKind.LinkForm or TokenKind.TextForm => FeatureGroup.Markup,
        TokenKind.FieldOrder => FeatureGroup.Order,
        _ => FeatureGroup.Form,
    };

    // Step (6): every two of the fields, the form of header, route, structure, text and links. HTML's elements are too many, and what nearly every message has would say again what the other one says.
    private void AddFormPairs()
    {
        Span<Origin> forms = stackalloc Origin[MaxForms];
        int count = 0;
        foreach (FeatureGroup group in (ReadOnlySpan<FeatureGroup>)[FeatureGroup.Form, FeatureGroup.Markup])
        {
            foreach (Origin origin in _origins[(int)group].AsSpan(0, _counts[(int)group]))
            {
                if (count < MaxForms && origin.Before < 0 && IsSign(_tokens[origin.Token]))
                {
                    forms[count++] = origin;
                }
            }
        }

        for (int i = 0; i < count; i++)
        {
            for (int j = i + 1; j < count; j++)
            {
                (int first, int second) = _tokens[forms[i].Token].Hash < _tokens[forms[j].Token].Hash ? (i, j) : (j, i);
                ulong pair = Mix((_tokens[forms[first].Token].Hash * 0x9E3779B97F4A7C15UL) ^ BitOperations.RotateLeft(_tokens[forms[second].Token].Hash, 31));
                AddFeature(FeatureGroup.FormPairs, (uint)(pair >> 32), new Origin(forms[second].Token, forms[first].Token));
            }
        }
    }

    private bool IsSign(Token token)
    {
        ReadOnlySpan<char> text = _text.AsSpan(token.Start, token.Length);
        return token.Kind != TokenKind.Html && !text.EndsWith(" 0") && (token.Kind != TokenKind.Field || !HeaderTokens.IsExpected(text));
    }

    private string TextOf(Token token) => new(_text, token.Start, token.Length);

    private void Clear()
    {
        Array.Clear(_seen);
        Array.Clear(_counts);
        (_textLength, _tokenCount, _inRun, Words, Links, Count) = (0, 0, 0, 0, 0, 0);
    }

    private int AddToken(TokenKind kind, ReadOnlySpan<char> text, FeatureGroup group)
    {
        text = text[..Math.Min(text.Length, 96)];
        if (_tokenCount == _tokens.Length)
        {
            Array.Resize(ref _tokens, _tokens.Length * 2);
        }

        ulong hash = Hash(kind, text);
        if (!AddFeature(group, (uint)(hash >> 32), new Origin(_tokenCount, -1)) && Count >= _limits.Features)
        {
            return -1;
        }

        if (_textLength + text.Length > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _textLength + text.Length));
        }

        text.CopyTo(_text.AsSpan(_textLength));
        _tokens[_tokenCount] = new Token(hash, _textLength, (byte)text.Length, kind);
        _textLength += text.Length;
        return _tokenCount++;
    }

    private bool AddFeature(FeatureGroup group, uint hash, Origin origin)
    {
        if (Count >= _limits.Features)
        {
            return false;
        }

        int mask = _seen.Length - 1;
        int slot = (int)hash & mask;
        while (_seen[slot] != 0)
        {
            int known = _seen[slot];
            if (_hashes[known & 15][(known >> 4) - 1] == hash)
            {
                return false;
            }

            slot = (slot + 1) & mask;
        }

        int at = _counts[(int)group]++;
        ref uint[] hashes = ref _hashes[(int)group];
        if (at == hashes.Length)
        {
            Array.Resize(ref hashes, at * 2);
            Array.Resize(ref _origins[(int)group], at * 2);
        }

        hashes[at] = hash;
        _origins[(int)group][at] = origin;
        _seen[slot] = ((at + 1) << 4) | (int)group;
        Count++;
        return true;
    }

    private static ulong Hash(TokenKind kind, ReadOnlySpan<char> text)
    {
        ulong hash = 0xCBF29CE484222325UL ^ ((ulong)kind * 0x9E3779B97F4A7C15UL);
        foreach (char c in text)
        {
            hash = (hash ^ c) * 0x100000001B3UL;
        }

        return Mix(hash);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= 0xFF51AFD7ED558CCDUL;
        hash ^= hash >> 33;
        hash *= 0xC4CEB9FE1A85EC53UL;
        return hash ^ (hash >> 33);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Token(ulong Hash, int Start, byte Length, TokenKind Kind);

    // The token a feature ends with, and the one it begins with; -1 when it is one token alone.
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Origin(int Token, int Before);
}

/// <summary>A feature as people read it.</summary>
/// <param name="Kind">Where it stands.</param>
/// <param name="Text">The token, or two of them.</param>
public readonly record struct FeatureText(TokenKind Kind, string Text);
