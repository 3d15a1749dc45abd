namespace Tsunagi.Core.Nodes;

/// <summary>The address people type to reach the console, for links in mails and notices: the one of the node's file (<c>console.publicUrl</c>), else the listener's.</summary>
/// <param name="configured">"https://console.isp.example"; empty takes the listener's once it is known.</param>
public sealed class PublicAddress(string configured)
{
    private volatile string _url = configured.TrimEnd('/');

    /// <summary>Without a slash at its end; null before the listener is open and nothing was configured.</summary>
    public string? Url => _url.Length > 0 ? _url : null;

    /// <summary>Told by the host when the listener is open.</summary>
    public void Listening(string url)
    {
        if (_url.Length == 0)
        {
            _url = url.TrimEnd('/');
        }
    }
}
