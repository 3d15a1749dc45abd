namespace Tsunagi.Core.Net.Proxy;

/// <summary>What reading a PROXY header gave.</summary>
public enum ProxyParse
{
    Ok,
    NeedMore,
    Bad,
}
