using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Rollcall.SignIn;

/// <summary>
/// The network that wrong attempts are counted for: one IPv4 address, or the /64 that one household has (RFC 6177).
/// </summary>
internal static class Network
{
    public static string Of(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address)
        {
            return "";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. address.GetAddressBytes()[..8], .. new byte[8]]).ToString()
            : address.ToString();
    }
}
